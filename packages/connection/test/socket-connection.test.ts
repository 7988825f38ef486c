import { availableBackends } from "@p2pnet/event-loop";
import { connectionContract } from "./connection-contract.js";
import { socketCarrier } from "./socket-carrier.js";

for (const backend of availableBackends()) connectionContract(socketCarrier(backend));
