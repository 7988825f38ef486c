export type AbuseErrorCode =
  /** The system has no /proc to read memory, descriptors and CPU time from. */
  | "ERR_SYSTEM"
  /** A child ended, or did not start. */
  | "ERR_CHILD"
  /** Something that had to come did not come in time. */
  | "ERR_SILENCE"
  /** docs/reliability.md has no place for the table. */
  | "ERR_MARKERS";

/** What keeps a case from being judged. */
export class AbuseError extends Error {
  readonly code: AbuseErrorCode;

  constructor(code: AbuseErrorCode, message: string) {
    super(message);
    this.name = "AbuseError";
    this.code = code;
  }
}
