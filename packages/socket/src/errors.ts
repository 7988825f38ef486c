import { isUint8Array } from "node:util/types";

/**
 * - `ERR_SOCKET_CLOSED`: the socket was closed or detached
 * - `ERR_SOCKET_IN_USE`: another event loop watches the socket
 * - `ERR_SOCKET_KIND`: a call for datagrams on a socket that is not UDP
 * - `ERR_INVALID_ARG_TYPE`: bytes that are no `Uint8Array`, an address, path, group or interface that is no string
 * - `ERR_INVALID_ARG_VALUE`: an unknown choice, a handle of another kind of socket, an option that this platform lacks
 * - `ERR_OUT_OF_RANGE`: a number outside its bounds, a buffer without room, a range outside of memory
 */
export type SocketErrorCode =
  | "ERR_SOCKET_CLOSED"
  | "ERR_SOCKET_IN_USE"
  | "ERR_SOCKET_KIND"
  | "ERR_INVALID_ARG_TYPE"
  | "ERR_INVALID_ARG_VALUE"
  | "ERR_OUT_OF_RANGE";

/** A socket was used in a way that no system call was made for. What the system refuses is a `SystemError`. */
export class SocketError extends Error {
  override readonly name = "SocketError";
  readonly code: SocketErrorCode;

  constructor(code: SocketErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws SocketError `ERR_OUT_OF_RANGE` unless `value` is an integer within the bounds */
export function expectInteger(label: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new SocketError("ERR_OUT_OF_RANGE", `${label}: expected an integer from ${min} to ${max}, got ${value}`);
}

/** @throws SocketError `ERR_INVALID_ARG_VALUE` unless `value` is one of `choices` */
export function expectOneOf<T>(label: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new SocketError("ERR_INVALID_ARG_VALUE", `${label}: expected ${choices.join(" or ")}, got ${String(value)}`);
}

/** @throws SocketError `ERR_INVALID_ARG_TYPE` unless `value` is a string */
export function expectText(label: string, value: string | undefined): string {
  if (typeof value === "string") return value;
  throw new SocketError("ERR_INVALID_ARG_TYPE", `${label}: expected a string, got ${typeof value}`);
}

/** @throws SocketError `ERR_INVALID_ARG_TYPE` unless `value` is a `Uint8Array` (a `Buffer` is one) */
export function expectBytes(label: string, value: Uint8Array): Uint8Array {
  // What the type checker has not seen must not get to the FFI library, which would take a string, or read wildly.
  if (isUint8Array(value)) return value;
  throw new SocketError("ERR_INVALID_ARG_TYPE", `${label}: expected a Uint8Array, got ${typeof value}`);
}

/** @throws SocketError `ERR_INVALID_ARG_TYPE` as `expectBytes`; `ERR_OUT_OF_RANGE` if it is empty */
export function expectRoom(label: string, value: Uint8Array): Uint8Array {
  if (expectBytes(label, value).length > 0) return value;
  throw new SocketError("ERR_OUT_OF_RANGE", `${label}: expected room for at least 1 byte, got 0`);
}

/** @throws SocketError `ERR_OUT_OF_RANGE` unless `offset` and `length` mark at least one byte within `size` */
export function expectRange(offset: number, length: number, size: number): void {
  if (offset >= 0 && length >= 1 && offset + length <= size) return;
  throw new SocketError(
    "ERR_OUT_OF_RANGE",
    `range: expected at least 1 byte within ${size}, got ${length} bytes at ${offset}`,
  );
}
