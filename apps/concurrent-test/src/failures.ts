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
