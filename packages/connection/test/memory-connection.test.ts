import { connectionContract } from "./connection-contract.js";
import { memoryCarrier } from "./memory-carrier.js";

connectionContract(memoryCarrier("memory", 1_000_000, {}));
connectionContract(memoryCarrier("memory, in odd chunks", 200_000, { chunkSize: 997, bufferSize: 10_000 }));
// As CI has it.
if (process.env["P2PNET_TESTS"] === "all") {
  connectionContract(memoryCarrier("memory, byte by byte", 120_000, { chunkSize: 1, bufferSize: 4_096 }));
  connectionContract(memoryCarrier("memory, with hardly any room", 200_000, { bufferSize: 100 }));
}
