import type { Timers } from "@p2pnet/event-loop";
import type { ByteStream } from "@p2pnet/stream";

/** Whatever carries the bytes of connections under test. */
export interface Carrier {
  readonly name: string;
  /** What the tests of long queues send: far more than it holds under way, and quick to carry. */
  readonly bulkBytes: number;
  open(): Carried | Promise<Carried>;
}

/** Two joined streams, fresh, with a clock that stands still. */
export interface Carried {
  readonly streams: readonly [ByteStream, ByteStream];
  readonly timers: Timers;
  /** Once a stream has ended, a reset may pass for the peer's end. */
  readonly hidesResets?: boolean;
  /** What handlers threw. */
  readonly uncaught: unknown[];
  /** Moves the clock. What is due then happens now, or in a turn soon. */
  pass(ms: number): void;
  close(): void;
}
