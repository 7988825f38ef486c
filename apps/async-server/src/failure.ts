import { getSystemErrorMap } from "node:util";
import { oneLine } from "./one-line.js";
import { endpoint } from "./text-lines.js";

/** Why the server cannot go on, in one line: `cannot listen on 127.0.0.1:80: permission denied (EACCES)`. */
export function describeFailure(error: unknown, host: string, port: number): string {
  return oneLine(`cannot listen on ${endpoint(host, port)}: ${reason(error)}`);
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
