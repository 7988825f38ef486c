import { connectionContract } from "./connection-contract.js";
import { nodeCarrier } from "./node-carrier.js";

connectionContract(nodeCarrier());
