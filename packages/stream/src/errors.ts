/**
 * - `ERR_OUT_OF_RANGE`: an option of `streamPair`, or the time for a `ManualClock`, is no number within its bounds
 * - `ERR_STREAM_STARTED`: a stream was given handlers a second time
 */
export type StreamErrorCode = "ERR_OUT_OF_RANGE" | "ERR_STREAM_STARTED";

/** A stream or a clock was used in a way that it cannot serve. */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
