/** The codes of a `ConnectionError`. Decide on `code`, never on a message. */
export type ConnectionErrorCode =
  | "ERR_CONNECTION_CLOSED"
  | "ERR_CONNECT_TIMEOUT"
  | "ERR_HANDSHAKE_TIMEOUT"
  | "ERR_IDLE_TIMEOUT"
  | "ERR_FRAME_TIMEOUT"
  | "ERR_WRITE_TIMEOUT"
  | "ERR_DRAIN_TIMEOUT"
  | "ERR_SEND_TIMEOUT"
  | "ERR_SLOW_PEER"
  | "ERR_CONSUMER_ATTACHED"
  | "ERR_TOO_MANY_CONNECTIONS"
  | "ERR_TOO_MANY_FROM_ADDRESS"
  | "ERR_TOO_MANY_HANDSHAKES"
  | "ERR_TOO_MANY_FAILED_HANDSHAKES"
  | "ERR_ACCEPT_RATE"
  | "ERR_WORKER_FAILED"
  | "ERR_WORKER_LISTENS"
  | "ERR_NO_WORKER"
  | "ERR_HOST_UNRESOLVED"
  | "ERR_OUT_OF_RANGE"
  | "ERR_INVALID_ARG_TYPE"
  | "ERR_INVALID_ARG_VALUE";

/** A connection broke one of its bounds, or was used in a way that it cannot serve. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @throws ConnectionError `ERR_OUT_OF_RANGE` unless `value` is a number within the bounds */
export function expectNumber(label: string, value: number, min: number, max: number): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new ConnectionError("ERR_OUT_OF_RANGE", `${label}: expected a number from ${min} to ${max}, got ${value}`);
}

/** The longest time that a deadline may be: about 24 days, as for Node's timers. */
export const MAX_TIMEOUT_MS = 0x7fffffff;

/** @throws ConnectionError `ERR_OUT_OF_RANGE` unless `value` is a number of milliseconds that a timer can wait */
export function expectTimeout(label: string, value: number, min: number): number {
  return expectNumber(label, value, min, MAX_TIMEOUT_MS);
}

/** @throws ConnectionError `ERR_OUT_OF_RANGE` unless `value` is an integer within the bounds */
export function expectInteger(
  label: string,
  value: number | undefined,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (value !== undefined && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ConnectionError("ERR_OUT_OF_RANGE", `${label}: expected an integer from ${min} to ${max}, got ${value}`);
}

/** @throws ConnectionError `ERR_INVALID_ARG_VALUE` unless `value` is one of `choices` */
export function expectOneOf<T>(label: string, value: T, choices: readonly T[]): void {
  if (choices.includes(value)) return;
  throw new ConnectionError(
    "ERR_INVALID_ARG_VALUE",
    `${label}: expected ${choices.join(" or ")}, got ${String(value)}`,
  );
}

/** @throws ConnectionError `ERR_INVALID_ARG_TYPE` unless `value` is a string */
export function expectString(label: string, value: unknown): void {
  if (typeof value === "string") return;
  throw new ConnectionError("ERR_INVALID_ARG_TYPE", `${label}: expected a string, got ${typeof value}`);
}

/** @throws ConnectionError `ERR_INVALID_ARG_TYPE` unless `value` is a function */
export function expectFunction(label: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new ConnectionError("ERR_INVALID_ARG_TYPE", `${label}: expected a function, got ${typeof value}`);
}

/** @throws ConnectionError `ERR_INVALID_ARG_TYPE` unless `value` is a function, or left out */
export function expectOptionalFunction(label: string, value: unknown): void {
  if (value !== undefined) expectFunction(label, value);
}

/** @throws ConnectionError `ERR_INVALID_ARG_TYPE` unless `value` is a `Uint8Array`, of whatever realm */
export function expectBytes(label: string, value: unknown): void {
  if (value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]") return;
  throw new ConnectionError("ERR_INVALID_ARG_TYPE", `${label}: expected a Uint8Array, got ${typeof value}`);
}

/** @throws ConnectionError `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE` unless `bytes` has a slice from `start` to before `end` */
export function expectSlice(bytes: Uint8Array, start: number, end: number): void {
  expectBytes("bytes", bytes);
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= bytes.length) return;
  const message = `slice: expected one within ${bytes.length} bytes, got ${start} to ${end}`;
  throw new ConnectionError("ERR_OUT_OF_RANGE", message);
}
