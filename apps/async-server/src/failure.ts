import { getSystemErrorMap } from "node:util";
import { oneLine } from "./one-line.js";
import { endpoint } from "./text-lines.js";

/** The port for metrics could not be listened on. */
export class MetricsPortError extends Error {
  override readonly name = "MetricsPortError";
  readonly code = "ERR_METRICS_PORT";
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`metrics: expected to listen on port ${port}, could not`, { cause });
    this.port = port;
  }
}

/**
 * Why the server cannot go on, in one line: `cannot listen on 127.0.0.1:80: permission denied (EACCES)`, or
 * `backend: expected one of auto, epoll, poll, libuv, got "io_uring": ... (ERR_BACKEND_UNAVAILABLE)`.
 */
export function describeFailure(error: unknown, host: string, port: number): string {
  if (error instanceof MetricsPortError) return describeFailure(error.cause, host, error.port);
  const refused = asBackendRefused(error);
  if (refused !== null) return oneLine(`${refused.message} (${refused.code})`);
  return oneLine(`cannot listen on ${endpoint(host, port)}: ${reason(error)}`);
}

/** A backend that does not run here has nothing to do with where to listen. */
function asBackendRefused(error: unknown): NodeJS.ErrnoException | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_FAILED") return asBackendRefused(error.cause);
  return code === "ERR_BACKEND_UNAVAILABLE" ? error : null;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_FAILED" && error.cause !== undefined) return reason(error.cause);
  if (code === "ERR_HOST_UNRESOLVED") return reason(error.cause);
  if (syscall === "getaddrinfo") return `the host does not resolve (${code})`;
  const [, text] = (errno !== undefined && getSystemErrorMap().get(errno)) || [];
  return text === undefined ? error.message : `${text} (${code})`;
}
