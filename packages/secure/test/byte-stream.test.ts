import { describe } from "vitest";
import { byteStreamContract } from "../../stream/test/byte-stream-contract.js";
import { SEND_BLOCK_BYTES } from "../src/session/sealer.js";
import { session } from "./sessions.js";

// Peers that do not mark their end, as the contract lets a stream be closed without a word; over buffers that hold whole
// messages, as a message that is cut is an error.
describe.each([
  ["over libcrypto", { cipher: "libcrypto" }, {}],
  ["over node:crypto", { cipher: "node" }, { chunkSize: 997 }],
  ["in small chunks", { cipher: "libcrypto" }, { chunkSize: 101 }],
] as const)("a session %s", (name, options, pair) => {
  byteStreamContract(`a session ${name}`, async () => {
    const side = { ...options, additions: false };
    const { initiator, responder } = await session({
      initiator: side,
      responder: side,
      pair: { ...pair, bufferSize: SEND_BLOCK_BYTES },
    });
    return {
      left: initiator.stream,
      right: responder.stream,
      cleanup: async () => {
        initiator.stream.close();
        responder.stream.close();
      },
    };
  });
});
