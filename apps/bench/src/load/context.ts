import type { EventLoop } from "@p2pnet/event-loop";
import { connectTalk } from "../sealed/connect-talk.js";
import type { Talk } from "../sealed/talk.js";
import type { LoadArguments } from "./arguments.js";
import type { Histogram } from "./histogram.js";
import type { Pattern } from "./pattern.js";

/** What all workloads share. */
export interface LoadContext {
  readonly options: LoadArguments;
  readonly loop: EventLoop;
  readonly pattern: Pattern;
  readonly latencies: Histogram;
  /** Ends the program: a fault is never counted as a slow answer. */
  readonly fail: (error: Error) => void;
  counting: boolean;
}

export interface Workload {
  /** Before the first period. */
  prepare(): Promise<void>;
  /** Sends for a while, then awaits what is under way. Returns the nanoseconds from the first send to the last answer. */
  run(seconds: number): Promise<number>;
}

/** A connection whose early end fails the run. */
export async function open({ options, loop, fail }: LoadContext, index: number): Promise<Talk> {
  const connection = await connectTalk(options, loop);
  connection.onClose = (error) => fail(error ?? new Error(`connection ${index}: closed by the server`));
  return connection;
}

/** One message there and back. */
export async function greet({ pattern }: LoadContext, connection: Talk, index: number): Promise<void> {
  await new Promise<void>((resolve) => {
    connection.onMessage = (message) => {
      pattern.check(message, index, 0);
      resolve();
    };
    connection.send(pattern.payload(index, 0));
  });
}

export function nowNs(): number {
  return performance.now() * 1e6;
}
