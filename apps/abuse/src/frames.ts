/** Bytes before each payload: its length, big-endian. */
export const HEADER_BYTES = 4;

/** A message that shows whether it is whole: every byte follows from the length and its place. */
export function patterned(length: number): Buffer {
  const message = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) message[i] = (length * 31 + i) & 0xff;
  return message;
}

/** Whether `message` is what `patterned` made. */
export function isPatterned(message: Uint8Array): boolean {
  const { length } = message;
  for (let i = 0; i < length; i++) if (message[i] !== ((length * 31 + i) & 0xff)) return false;
  return true;
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
