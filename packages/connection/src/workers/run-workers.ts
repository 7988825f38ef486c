// Not by name, which an old Node has not: it would say so before it is told what to do.
import os from "node:os";
import type { WorkerOptions } from "node:worker_threads";
import { unlessAborted } from "../abort.js";
import { expectInteger, expectOneOf, expectTimeout } from "../errors.js";
import { RunningWorkers } from "./running-workers.js";

export interface RunWorkersOptions {
  /** How many. Default: as many as the machine has processors, but one where workers cannot share an address. */
  readonly workers?: number;
  /**
   * How connections come to the workers. `reusePort`: each listens on the port, and the system chooses. `handles`: this thread
   * accepts, and hands each worker one in turn. Default: `reusePort` on Linux, `handles` elsewhere. A Unix path and transport node
   * have `reusePort` alone.
   */
  readonly spread?: "reusePort" | "handles";
  /** Given to each worker as `workerContext().data`, cloned. */
  readonly data?: unknown;
  /** For each worker to listen, milliseconds. Default 10,000. */
  readonly startTimeoutMs?: number;
  /** Gives the attempt up. */
  readonly signal?: AbortSignal;
  /** For the threads: `env`, `execArgv`, `resourceLimits`, ... */
  readonly threadOptions?: Omit<WorkerOptions, "workerData" | "transferList" | "eval">;
}

/**
 * Serves on several threads: starts the module `url` in each, where it calls `workerContext().listen(...)`, and spreads
 * connections over them. Resolves when all listen.
 *
 * @throws ConnectionError `ERR_WORKER_FAILED` with the worker's error as `cause`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`;
 * the signal's reason
 */
export async function runWorkers(url: URL, options: RunWorkersOptions = {}): Promise<RunningWorkers> {
  const { workers, data, signal, threadOptions = {} } = options;
  const count = expectInteger("workers", workers ?? os.availableParallelism(), 1, 1_024);
  const startTimeoutMs = expectTimeout("startTimeoutMs", options.startTimeoutMs ?? 10_000, 1);
  const spread = options.spread ?? (process.platform === "linux" ? "reusePort" : "handles");
  expectOneOf("spread", spread, ["reusePort", "handles"]);
  signal?.throwIfAborted();
  const mayBeAlone = workers === undefined;
  const running = new RunningWorkers(url, { count, mayBeAlone, spread, data, startTimeoutMs, threadOptions });
  try {
    const starting = running.start();
    await (signal === undefined ? starting : unlessAborted(starting, signal));
  } catch (error) {
    await running.close({ deadlineMs: 0 });
    throw error;
  }
  return running;
}
