import type { ByteOrder, FrameDecoder, LengthFieldSize } from "../src/index.js";

export interface WireFormat {
  lengthField: LengthFieldSize;
  byteOrder: ByteOrder;
}

/** Every kind of header there is. */
export const wireFormats: WireFormat[] = ([1, 2, 3, 4, 8, "varint"] as const).flatMap((lengthField) =>
  (["big", "little"] as const).map((byteOrder) => ({ lengthField, byteOrder })),
);

/** Bytes that tell where they come from: no two neighbours alike, and no two payloads with different seeds. */
export function payload(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + seed * 31) % 256);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The input in pieces of these sizes, used in turn; each piece in memory of its own. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    chunks.push(bytes.slice(offset, offset + size));
    offset += size;
  }
  return chunks;
}

/** All payloads that the decoder can give now. */
export function drain(decoder: FrameDecoder): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (let next = decoder.next(); next !== null; next = decoder.next()) payloads.push(next);
  return payloads;
}

/** All payloads of chunks pushed one after the other, each drained before the next. */
export function decodeChunks(decoder: FrameDecoder, chunks: readonly Uint8Array[]): Uint8Array[] {
  return chunks.flatMap((chunk) => {
    decoder.push(chunk);
    return drain(decoder);
  });
}

/** What `action` throws; fails the test if it throws nothing. */
export function thrownBy(action: () => unknown): Error & { code?: string } {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, got none");
}

/** Payloads as text, which compares a hundred times faster than arrays do. */
export function text(payloads: readonly Uint8Array[]): string {
  return payloads.map((one) => Buffer.from(one).toString("hex")).join(" ");
}
