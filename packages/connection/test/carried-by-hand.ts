import { Timers } from "@p2pnet/event-loop";
import { type ByteStream, ManualClock } from "@p2pnet/stream";
import type { Carried } from "./carrier.js";

/** Streams that no event loop moves, with timers that only the test drives. */
export function carriedByHand(streams: readonly [ByteStream, ByteStream]): Carried {
  const uncaught: unknown[] = [];
  const report = (error: unknown): void => void uncaught.push(error);
  const clock = new ManualClock();
  const timers = new Timers(clock);
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
