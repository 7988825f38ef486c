export { type BytesSource, framesFrom, framesTo } from "./async-iterables.js";
export { decodeFrames, FrameDecoder, type PayloadSlice } from "./decoder.js";
export { encodeFrame, FrameEncoder } from "./encoder.js";
export {
  ArgumentTypeError,
  ArgumentValueError,
  EmptyFrameError,
  FrameError,
  type FrameErrorCode,
  FrameHeaderError,
  FrameTooLargeError,
  PushAfterEndError,
  TruncatedFrameError,
} from "./errors.js";
export {
  type ByteOrder,
  DEFAULT_MAX_LENGTH,
  type FrameDecoderOptions,
  type FrameOptions,
  type LengthFieldSize,
} from "./options.js";
export { FrameDecoderStream, FrameEncoderStream } from "./web-streams.js";
