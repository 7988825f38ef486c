import { backendContract } from "./contract/backend-contract.js";

backendContract("epoll", "Linux");
