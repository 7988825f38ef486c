import { type StreamPairOptions, streamPair } from "@p2pnet/stream";
import { carriedByHand } from "./carried-by-hand.js";
import type { Carrier } from "./carrier.js";

/** Streams joined in memory. Their chunks are written over as soon as `onData` returns, as a loop's memory is. */
export function memoryCarrier(name: string, bulkBytes: number, options: StreamPairOptions): Carrier {
  return {
    name,
    bulkBytes,
    open: () => carriedByHand(streamPair(options)),
  };
}
