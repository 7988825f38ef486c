import { backendContract } from "./contract/backend-contract.js";

backendContract("io_uring", "Linux 6.1 or newer that allows io_uring");
