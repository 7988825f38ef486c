import { streamOverNodeSocket } from "../src/index.js";
import { carriedByHand } from "./carried-by-hand.js";
import type { Carrier } from "./carrier.js";
import { nodeSocketPair } from "./node-pair.js";

/** TCP connections over loopback, made of sockets of `node:net`. Their buffers are the system's own, and large. */
export function nodeCarrier(): Carrier {
  return {
    name: "sockets of node:net",
    bulkBytes: 10_000_000,
    async open() {
      const [left, right] = await nodeSocketPair();
      return { ...carriedByHand([streamOverNodeSocket(left), streamOverNodeSocket(right)]), hidesResets: true };
    },
  };
}
