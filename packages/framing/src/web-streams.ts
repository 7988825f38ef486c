import { FrameDecoder } from "./decoder.js";
import { FrameEncoder } from "./encoder.js";
import type { FrameDecoderOptions, FrameOptions } from "./options.js";

/**
 * Payloads in, frames out: for `readable.pipeThrough(new FrameEncoderStream())`.
 *
 * A payload that cannot be encoded fails both sides with the error of `FrameEncoder`.
 */
export class FrameEncoderStream extends TransformStream<Uint8Array, Uint8Array> {
  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for options that make no sense */
  constructor(options?: FrameOptions) {
    const encoder = new FrameEncoder(options);
    super({ transform: (payload, controller) => controller.enqueue(encoder.encode(payload)) });
  }
}

/**
 * Chunks in, payloads out: for `readable.pipeThrough(new FrameDecoderStream())`.
 *
 * The next chunk is taken when all payloads of the last one are gone. All whole frames come out before the error of
 * `FrameDecoder`. Cancelling `readable` fails `writable`, and the other way round.
 */
export class FrameDecoderStream implements TransformStream<Uint8Array, Uint8Array> {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for options that make no sense */
  constructor(options?: FrameDecoderOptions) {
    const decoder = new FrameDecoder(options);
    // A transformer would have to enqueue all frames of a chunk at once, and lose the unread ones to an error.
    const chunks = new TransformStream<Uint8Array, Uint8Array>();
    const reader = chunks.readable.getReader();
    this.writable = chunks.writable;
    this.readable = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const payload = await nextPayload(decoder, reader);
            if (payload === null) controller.close();
            else controller.enqueue(payload);
          } catch (error) {
            await reader.cancel(error);
            throw error;
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }
}

/** The next payload, or `null` at the end. */
async function nextPayload(
  decoder: FrameDecoder,
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | null> {
  for (;;) {
    const payload = decoder.next();
    if (payload !== null) return payload;
    const { done, value } = await reader.read();
    if (done) {
      decoder.end();
      return null;
    }
    decoder.push(value);
  }
}
