import { FrameDecoder, type FrameDecoderOptions } from "@p2pnet/framing";

/** Free decoders kept for reuse; more are left to the garbage collector. */
const KEPT = 64;

/**
 * Decoders for connections with the same options. A connection holds one only while bytes wait in it, for the rest of a
 * message or for the consumer: an idle connection has none, and those that are busy share what the processor's cache holds.
 */
export class DecoderPool {
  readonly #options: FrameDecoderOptions;
  readonly #free: FrameDecoder[] = [];

  /** @throws FrameError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for options that make no sense */
  constructor(options: FrameDecoderOptions) {
    this.#options = options;
    this.#free.push(new FrameDecoder(options));
  }

  take(): FrameDecoder {
    return this.#free.pop() ?? new FrameDecoder(this.#options);
  }

  /** `decoder` holds no bytes, has not failed and was not told of an end. */
  give(decoder: FrameDecoder): void {
    if (this.#free.length < KEPT) this.#free.push(decoder);
  }
}
