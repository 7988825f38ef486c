import { Timers } from "@p2pnet/event-loop";
import { type ByteStream, ManualClock, type StreamPairOptions, streamPair } from "@p2pnet/stream";
import type { Carrier } from "./carrier.js";

/** Streams joined in memory. Their chunks are written over as soon as `onData` returns, as a loop's memory is. */
export function memoryCarrier(name: string, bulkBytes: number, options: StreamPairOptions): Carrier {
  return {
    name,
    bulkBytes,
    open() {
      const uncaught: unknown[] = [];
      const report = (error: unknown): void => void uncaught.push(error);
      const clock = new ManualClock();
      const timers = new Timers(clock);
      const streams = streamPair(options);
      for (const stream of streams) guard(stream, report);
      return {
        streams,
        timers,
        uncaught,
        pass(ms) {
          clock.advance(ms);
          timers.update();
          timers.expire(report);
        },
        close() {
          for (const stream of streams) stream.abort();
        },
      };
    },
  };
}

/** Does what a loop does around its handlers: takes what they throw, and uses the chunk's memory again. */
function guard(stream: ByteStream, report: (error: unknown) => void): void {
  const start = stream.start.bind(stream);
  const caught = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      report(error);
    }
  };
  stream.start = (handlers) =>
    start({
      onData(chunk) {
        const memory = chunk.slice();
        caught(() => handlers.onData(memory));
        memory.fill(0xaa);
      },
      onEnd: () => caught(() => handlers.onEnd()),
      onDrain: () => caught(() => handlers.onDrain()),
      onError: (error) => caught(() => handlers.onError(error)),
    });
}
