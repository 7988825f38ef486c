import { DEFAULT_MAX_LENGTH, FrameEncoder, type FrameOptions } from "@p2pnet/framing";
import { expectInteger, expectNumber, expectTimeout } from "./errors.js";

/** Bounds and habits of a connection. Sizes are in bytes, times in milliseconds. */
export interface ConnectionOptions {
  /** How messages are framed. Default: a 4-byte big-endian length, 1 byte to 1 MiB. */
  readonly frame?: FrameOptions;
  /** Messages given to `onMessage` are valid during the call only, and not copied. Default false. */
  readonly borrow?: boolean;
  /** Stays open for sending after the peer has finished. Default false: flushes, then closes. */
  readonly allowHalfOpen?: boolean;
  /** `send` says false from this many queued bytes on. Default 65,536. */
  readonly highWaterMark?: number;
  /** `onDrain` is called when the queue has fallen to this. Default 16,384. */
  readonly lowWaterMark?: number;
  /** More queued bytes than this end the connection with `ERR_SLOW_PEER`. Default 4 MiB; never below one full frame. */
  readonly maxQueuedBytes?: number;
  /** Messages delivered in one turn; those behind them wait for the next, so that no peer holds a turn. Default 4,096. */
  readonly maxFramesPerTurn?: number;
  /** Without a byte in or out for this long: `ERR_IDLE_TIMEOUT`. Default 0: never. */
  readonly idleTimeoutMs?: number;
  /**
   * How long a frame may take from its first byte to its last, plus the time that its length takes at `minFrameRate`:
   * `ERR_FRAME_TIMEOUT`. Bytes that come in between renew nothing; time in which the consumer pauses does not count.
   * 0: no deadline. Default 30,000.
   */
  readonly frameTimeoutMs?: number;
  /** Bytes a second at which the slowest peer may send a long frame. Default 1,024. */
  readonly minFrameRate?: number;
  /** While bytes wait, without the system taking one for this long: `ERR_WRITE_TIMEOUT`. 0: no deadline. Default 60,000. */
  readonly writeTimeoutMs?: number;
  /** How long `close` waits for the queue to empty and for the peer's end. Default 5,000. */
  readonly drainTimeoutMs?: number;
}

export interface ConnectionLimits {
  /** The longest message that a frame may carry. */
  readonly maxMessageLength: number;
  readonly highWaterMark: number;
  readonly lowWaterMark: number;
  readonly maxQueuedBytes: number;
  readonly maxFramesPerTurn: number;
  readonly idleTimeoutMs: number;
  readonly frameTimeoutMs: number;
  readonly minFrameRate: number;
  readonly writeTimeoutMs: number;
  readonly drainTimeoutMs: number;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws ConnectionError `ERR_OUT_OF_RANGE`; `ERR_INVALID_ARG_VALUE`, `ERR_INVALID_ARG_TYPE` for frames that make no sense
 */
export function connectionLimits(options: ConnectionOptions): ConnectionLimits {
  const { frame } = options;
  const encoder = new FrameEncoder(frame);
  const maxMessageLength = longestMessage(frame);
  const maxFrameLength = encoder.headerLength(maxMessageLength) + maxMessageLength;
  const maxQueuedBytes = expectInteger("maxQueuedBytes", options.maxQueuedBytes ?? 4 * 1024 * 1024, 1);
  const highWaterMark = expectInteger("highWaterMark", options.highWaterMark ?? 65_536, 1);
  const lowWaterMark = options.lowWaterMark ?? Math.min(16_384, highWaterMark);
  return {
    maxMessageLength,
    highWaterMark,
    lowWaterMark: expectInteger("lowWaterMark", lowWaterMark, 0, highWaterMark),
    maxQueuedBytes: Math.max(maxQueuedBytes, maxFrameLength),
    maxFramesPerTurn: expectInteger("maxFramesPerTurn", options.maxFramesPerTurn ?? 4_096, 1),
    idleTimeoutMs: expectTimeout("idleTimeoutMs", options.idleTimeoutMs ?? 0, 0),
    frameTimeoutMs: expectTimeout("frameTimeoutMs", options.frameTimeoutMs ?? 30_000, 0),
    minFrameRate: expectNumber("minFrameRate", options.minFrameRate ?? 1_024, 1, Number.MAX_SAFE_INTEGER),
    writeTimeoutMs: expectTimeout("writeTimeoutMs", options.writeTimeoutMs ?? 60_000, 0),
    drainTimeoutMs: expectTimeout("drainTimeoutMs", options.drainTimeoutMs ?? 5_000, 0),
  };
}

/** The framing's own rule: what is asked for, or else 1 MiB, or what the length field holds if that is less. */
function longestMessage({ maxLength, lengthField = 4 }: FrameOptions = {}): number {
  if (maxLength !== undefined) return maxLength;
  return lengthField === "varint" ? DEFAULT_MAX_LENGTH : Math.min(DEFAULT_MAX_LENGTH, 256 ** lengthField - 1);
}
