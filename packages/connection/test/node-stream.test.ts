import { byteStreamContract } from "../../stream/test/byte-stream-contract.js";
import { streamOverNodeSocket } from "../src/index.js";
import { nodeSocketPair } from "./node-pair.js";

byteStreamContract("sockets of node:net", async () => {
  const sockets = await nodeSocketPair();
  const [left, right] = sockets.map(streamOverNodeSocket) as [
    ReturnType<typeof streamOverNodeSocket>,
    ReturnType<typeof streamOverNodeSocket>,
  ];
  return {
    left,
    right,
    cleanup: async () => {
      left.close();
      right.close();
    },
  };
});
