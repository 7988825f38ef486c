export type ConnectionErrorCode =
  | "ERR_CONNECTION_CLOSED"
  | "ERR_CONNECT_TIMEOUT"
  | "ERR_IDLE_TIMEOUT"
  | "ERR_DRAIN_TIMEOUT"
  | "ERR_SEND_TIMEOUT"
  | "ERR_SLOW_PEER"
  | "ERR_CONSUMER_ATTACHED"
  | "ERR_TOO_MANY_CONNECTIONS"
  | "ERR_HOST_UNRESOLVED"
  | "ERR_OUT_OF_RANGE"
  | "ERR_INVALID_ARG_TYPE";

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
export function expectNumber(label: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new ConnectionError("ERR_OUT_OF_RANGE", `${label}: expected a number from ${min} to ${max}, got ${value}`);
}
