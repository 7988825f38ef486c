/** The framing that one writes by hand: a length of 4 bytes, big-endian, and the payload. */
const HEADER_BYTES = 4;
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** Calls `onMessage` for each complete frame and returns the bytes after the last; throws at a length out of range. */
export function decodeFrames(bytes: Buffer, onMessage: (payload: Buffer) => void): Buffer {
  let start = 0;
  while (bytes.length - start >= HEADER_BYTES) {
    const length = bytes.readUInt32BE(start);
    if (length === 0 || length > MAX_PAYLOAD_BYTES) throw new RangeError(`length: got ${length}`);
    const end = start + HEADER_BYTES + length;
    if (end > bytes.length) break;
    onMessage(bytes.subarray(start + HEADER_BYTES, end));
    start = end;
  }
  return bytes.subarray(start);
}

export function encodeFrames(messages: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const message of messages) size += HEADER_BYTES + message.length;
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) {
    frames.writeUInt32BE(message.length, at);
    frames.set(message, at + HEADER_BYTES);
    at += HEADER_BYTES + message.length;
  }
  return frames;
}
