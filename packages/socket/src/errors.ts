export type SocketErrorCode =
  | "ERR_SOCKET_CLOSED"
  | "ERR_SOCKET_IN_USE"
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
