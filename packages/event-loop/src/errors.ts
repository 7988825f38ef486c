export type EventLoopErrorCode =
  | "ERR_BACKEND_UNAVAILABLE"
  | "ERR_LOOP_CLOSED"
  | "ERR_LOOP_RUNNING"
  | "ERR_MAILBOX_CLOSED"
  | "ERR_SOCKET_NOT_REGISTERED"
  | "ERR_INVALID_ARG_VALUE";

/** The loop was used in a way that it cannot serve. What the system refuses is a `SystemError`. */
export class EventLoopError extends Error {
  override readonly name = "EventLoopError";
  readonly code: EventLoopErrorCode;

  constructor(code: EventLoopErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
