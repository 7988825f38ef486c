/** The codes of the errors that frames cause. Decide on `code`, never on a message. */
export type FrameErrorCode =
  | "ERR_FRAME_TOO_LARGE"
  | "ERR_FRAME_EMPTY"
  | "ERR_FRAME_HEADER"
  | "ERR_FRAME_TRUNCATED"
  | "ERR_FRAME_AFTER_END";

/** The base of every error that a frame causes. */
export abstract class FrameError extends Error {
  abstract readonly code: FrameErrorCode;
}

/** A payload is longer than `maxLength`, or a header says that it will be. */
export class FrameTooLargeError extends FrameError {
  override readonly name: string = "FrameTooLargeError";
  readonly code = "ERR_FRAME_TOO_LARGE";
  /** The refused payload length in bytes; above 2^53 the nearest number. */
  readonly length: number;
  /** The longest payload allowed, in bytes. */
  readonly maxLength: number;

  constructor(length: number, maxLength: number) {
    super(`frame length: expected at most ${maxLength} bytes, got ${length}`);
    this.length = length;
    this.maxLength = maxLength;
  }
}

/** A payload has no bytes, and `allowEmpty` is off. */
export class EmptyFrameError extends FrameError {
  override readonly name: string = "EmptyFrameError";
  readonly code = "ERR_FRAME_EMPTY";

  constructor() {
    super("frame length: expected at least 1 byte, got 0");
  }
}

/** A header is no length: a varint that is too long, or longer than its value needs. */
export class FrameHeaderError extends FrameError {
  override readonly name: string = "FrameHeaderError";
  readonly code = "ERR_FRAME_HEADER";
}

/** The input ended inside a frame. */
export class TruncatedFrameError extends FrameError {
  override readonly name: string = "TruncatedFrameError";
  readonly code = "ERR_FRAME_TRUNCATED";
  /** Bytes of the frame that arrived, its header among them. */
  readonly receivedBytes: number;
  /** Payload length in bytes; 0 when the header itself was cut. */
  readonly expectedLength: number;

  constructor(receivedBytes: number, expectedLength: number) {
    const promise = expectedLength > 0 ? `a payload of ${expectedLength} bytes` : "a whole header";
    super(`end of input: expected ${promise}, got the first ${receivedBytes} bytes of the frame`);
    this.receivedBytes = receivedBytes;
    this.expectedLength = expectedLength;
  }
}

/** A chunk was pushed after the end. */
export class PushAfterEndError extends FrameError {
  override readonly name: string = "PushAfterEndError";
  readonly code = "ERR_FRAME_AFTER_END";

  constructor() {
    super("push: expected no more chunks after end(), got one");
  }
}

/** An argument or option has a value that is not allowed. */
export class ArgumentValueError extends RangeError {
  readonly code = "ERR_INVALID_ARG_VALUE";
}

/** An argument or option has the wrong type. */
export class ArgumentTypeError extends TypeError {
  readonly code = "ERR_INVALID_ARG_TYPE";
}
