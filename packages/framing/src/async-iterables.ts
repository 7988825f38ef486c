import { FrameDecoder } from "./decoder.js";
import { FrameEncoder } from "./encoder.js";
import type { FrameDecoderOptions, FrameOptions } from "./options.js";

/** Where chunks or payloads come from: an array, a generator, a Node stream, a `ReadableStream`. */
export type BytesSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * The payloads of the frames in a stream of chunks. The next chunk is taken when all payloads of the last one are gone.
 * Leaving the loop early closes the source.
 *
 * Without `copy` a payload lasts until the source writes to its chunk again.
 *
 * @throws at once `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for the options; while iterating the errors of
 * `FrameDecoder`, and those of the source
 */
export function framesFrom(source: BytesSource, options?: FrameDecoderOptions): AsyncGenerator<Uint8Array, void, void> {
  return decode(source, new FrameDecoder(options));
}

async function* decode(source: BytesSource, decoder: FrameDecoder): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) {
    decoder.push(chunk);
    for (let payload = decoder.next(); payload !== null; payload = decoder.next()) yield payload;
  }
  decoder.end();
}

/**
 * One frame for each payload of a source, each in a fresh buffer. Leaving the loop early closes the source.
 *
 * @throws at once `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for the options; while iterating the errors of
 * `FrameEncoder`, and those of the source
 */
export function framesTo(source: BytesSource, options?: FrameOptions): AsyncGenerator<Uint8Array, void, void> {
  return encode(source, new FrameEncoder(options));
}

async function* encode(source: BytesSource, encoder: FrameEncoder): AsyncGenerator<Uint8Array, void, void> {
  for await (const payload of source) yield encoder.encode(payload);
}
