export type TestErrorCode =
  /** The server that the test needs could not be started. */
  "ERR_SERVER_START";

/** The test could not be run. */
export class TestError extends Error {
  override readonly name = "TestError";
  readonly code: TestErrorCode;

  constructor(code: TestErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
