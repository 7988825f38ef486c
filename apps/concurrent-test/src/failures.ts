import { oneLine } from "./one-line.js";

/**
 * Why a client failed. Beside these, the codes of the connection (`ERR_CONNECT_TIMEOUT`, `ERR_FRAME_TOO_LARGE`, ...) and of
 * the system (`ECONNREFUSED`, `ECONNRESET`, ...).
 */
export type EchoFailureCode =
  /** Other bytes than were sent. */
  | "ERR_ECHO_MISMATCH"
  /** The server ended the connection before all echoes had come. */
  | "ERR_ECHO_MISSING"
  /** An echo that did not come in time. */
  | "ERR_ECHO_TIMEOUT"
  /** One more than there were messages. */
  | "ERR_ECHO_UNEXPECTED";

/** The same, of a client in a chat. */
export type ChatFailureCode =
  /** Bytes that nobody has said. */
  | "ERR_CHAT_MISMATCH"
  /** The client's own message. */
  | "ERR_CHAT_OWN"
  /** A message that it had heard before. */
  | "ERR_CHAT_REPEATED"
  /** A message before one that its sender had said earlier: that one is late, or missing. */
  | "ERR_CHAT_ORDER"
  /** The server ended the connection before all was heard. */
  | "ERR_CHAT_MISSING"
  /** A message that did not come in time. */
  | "ERR_CHAT_TIMEOUT";

export interface ClientFailure {
  readonly client: number;
  readonly code: string;
  readonly message: string;
}

/** The failure of a client, from whatever was thrown. */
export function clientFailure(client: number, error: unknown): ClientFailure {
  if (!(error instanceof Error)) return { client, code: "ERR_UNKNOWN", message: oneLine(String(error)) };
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return { client, code, message: oneLine(error.message) };
}
