import { backendContract } from "./contract/backend-contract.js";

backendContract("libuv", "Node");
