import { backendContract } from "./contract/backend-contract.js";

backendContract("kqueue", "macOS, FreeBSD, or on Linux the path of libkqueue in P2PNET_KQUEUE_LIBRARY");
