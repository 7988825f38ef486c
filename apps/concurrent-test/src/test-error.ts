export type TestErrorCode =
  /** The server that the test needs could not be started. */
  | "ERR_SERVER_START"
  /** The report could not be written. */
  | "ERR_REPORT_WRITE";

/** The test could not be run. */
export class TestError extends Error {
  override readonly name = "TestError";
  readonly code: TestErrorCode;

  constructor(code: TestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
