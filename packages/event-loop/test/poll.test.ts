import { backendContract } from "./contract/backend-contract.js";

backendContract("poll", "any system");
