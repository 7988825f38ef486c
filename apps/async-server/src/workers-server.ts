import { runWorkers } from "@p2pnet/connection";
import type { ServerArguments } from "./arguments.js";
import { openMetrics } from "./metrics-port.js";
import type { Security } from "./security.js";
import { openLoop } from "./serve-clients.js";
import type { ServerLog } from "./server-log.js";

/** Bytes of a message's header. */
const HEADER_BYTES = 4;

/** What each worker is given. */
export interface WorkerTask {
  readonly options: ServerArguments;
  /** Those of the clients, for `Totals`. */
  readonly counts: SharedArrayBuffer;
}

/**
 * Serves in several threads, each with an event loop of its own, until `stop` is aborted: then all flush and close.
 *
 * @throws ConnectionError `ERR_WORKER_FAILED`; EventLoopError `ERR_BACKEND_UNAVAILABLE`; MetricsPortError
 */
export async function serveInWorkers(
  options: ServerArguments,
  log: ServerLog,
  counts: SharedArrayBuffer,
  stop: AbortSignal,
  security: Security | null,
): Promise<void> {
  const data: WorkerTask = { options, counts };
  const url = new URL("./worker.js", import.meta.url);
  const workers = await runWorkers(url, { workers: options.workers, data, signal: stop });
  let failure: Error | undefined;
  workers.onError = (error) => {
    failure = error;
    log.serverError(error);
  };
  stop.addEventListener("abort", () => void workers.close(), { once: true });
  await using metrics = await openMetrics(workers, options).catch(async (error: unknown) => {
    await workers.close({ deadlineMs: 0 });
    throw error;
  });
  log.listening(workers.address, backendOf(options));
  if (security !== null) log.secured(security.identity, security.allowed?.length ?? null);
  log.started(workers.size);
  if (metrics !== null) log.metrics(metrics.address);
  await workers.closed;
  const { messagesReceived, bytesReceived } = await workers.stats();
  log.totals.messages = messagesReceived;
  log.totals.bytes = bytesReceived - HEADER_BYTES * messagesReceived;
  if (!stop.aborted) throw failure;
}

function backendOf(options: ServerArguments): string {
  using loop = openLoop(options);
  return loop.backend;
}
