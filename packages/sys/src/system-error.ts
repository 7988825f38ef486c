import { getSystemErrorMap, getSystemErrorName } from "node:util";
import { winsockErrors } from "./constants/winsock-errors.js";

/** The address that a failed call was about, as Node's errors carry it. */
export interface ErrorAddress {
  readonly address?: string;
  readonly port?: number;
}

/**
 * A failed system call, in the shape of Node's own errors: `connect ECONNREFUSED 127.0.0.1:9` as message, and the same
 * fields. `instanceof` or `isSystemError` tells it from others.
 */
export class SystemError extends Error {
  /** Node's (libuv's) negative number: the negated errno on Unix, libuv's own on Windows (-4078 for ECONNREFUSED). */
  readonly errno: number;
  /** Such as `ECONNREFUSED`. For a number that Node cannot name, what Node says: `Unknown system error -12345`. */
  readonly code: string;
  readonly syscall: string;
  declare readonly address?: string;
  /** Left out when 0, as Node does. */
  declare readonly port?: number;
  /** The system's own number, positive: errno, or what WSAGetLastError said. A plain object, not an Error. */
  declare readonly cause: { readonly errno: number };

  /** @param nativeErrno the positive number that the system gave */
  constructor(syscall: string, nativeErrno: number, where: ErrorAddress = {}) {
    const { errno, code } = nodeError(nativeErrno, process.platform);
    super(`${syscall} ${code}${suffix(where)}`, { cause: { errno: nativeErrno } });
    this.errno = errno;
    this.code = code;
    this.syscall = syscall;
    if (where.address !== undefined) this.address = where.address;
    if (where.port) this.port = where.port;
  }
}

/** A `SystemError` for the positive number that the system gave: errno, or what WSAGetLastError said. */
export function systemError(syscall: string, nativeErrno: number, where: ErrorAddress = {}): SystemError {
  return new SystemError(syscall, nativeErrno, where);
}

/** Whether `value` is a failed system call, and, if a code is given, that one. */
export function isSystemError(value: unknown, code?: string): value is SystemError {
  return value instanceof SystemError && (code === undefined || value.code === code);
}

/** Node's number and name for a system's own number. */
export function nodeError(nativeErrno: number, platform: NodeJS.Platform): { errno: number; code: string } {
  if (platform !== "win32") return { errno: -nativeErrno, code: getSystemErrorName(-nativeErrno) };
  const code = winsockErrors.find(([number]) => number === nativeErrno)?.[2] ?? "UNKNOWN";
  for (const [errno, [name]] of getSystemErrorMap()) {
    if (name === code) return { errno, code };
  }
  // An older Node may lack a name of the table.
  return { errno: UV_UNKNOWN, code: "UNKNOWN" };
}

/** libuv's number for an error it has no name for, the same on every system. Source: <uv/errno.h>. */
const UV_UNKNOWN = -4094;

function suffix({ address, port }: ErrorAddress): string {
  if (address === undefined) return "";
  return port ? ` ${address}:${port}` : ` ${address}`;
}
