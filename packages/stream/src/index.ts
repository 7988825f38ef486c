export { type ByteStream, type ByteStreamHandlers, COPIED_WRITE_BYTES } from "./byte-stream.js";
export { type Clock, ManualClock, systemClock } from "./clock.js";
export { StreamError, type StreamErrorCode } from "./errors.js";
export { type StreamPairOptions, streamPair } from "./stream-pair.js";
