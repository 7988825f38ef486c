/** Bytes before each payload: its length, big-endian. */
export const HEADER_BYTES = 4;

/** The longest message that the server takes. */
const MAX_BYTES = 1024 * 1024;
const PERIOD = 256;
/** 0, 1, ..., 255, 0, ...: every message is a part of it, so that making and checking them takes the server no time of its own. */
const RAMP: Buffer = Buffer.from(Uint8Array.from({ length: MAX_BYTES + PERIOD }, (_, i) => i));

/** A message that shows whether it is whole: every byte follows from the length and its place. In memory of its own. */
export function patterned(length: number): Buffer {
  return Buffer.from(patternOf(length));
}

/** Whether `message` is what `patterned` made. */
export function isPatterned(message: Uint8Array): boolean {
  return patternOf(message.length).equals(message);
}

function patternOf(length: number): Buffer {
  if (length > MAX_BYTES) throw new RangeError(`length: expected at most ${MAX_BYTES}, got ${length}`);
  const first = (length * 31) % PERIOD;
  return RAMP.subarray(first, first + length);
}

export function header(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES);
  bytes.writeUInt32BE(length);
  return bytes;
}

export function frame(payload: Uint8Array): Buffer {
  return Buffer.concat([header(payload.length), payload]);
}

/** The frame of a patterned message of that length. */
export function patternedFrame(length: number): Buffer {
  return frame(patterned(length));
}
