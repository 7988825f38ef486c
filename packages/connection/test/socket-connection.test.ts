import { connectionContract } from "./connection-contract.js";
import { socketCarrier } from "./socket-carrier.js";
import { testedBackends } from "./tested-backends.js";

for (const backend of testedBackends()) connectionContract(socketCarrier(backend));
