import { checkLength } from "./check-length.js";
import type { CutFrame } from "./cut-frame.js";
import { FrameError } from "./errors.js";
import type { FrameFormat } from "./frame-format.js";
import { INCOMPLETE } from "./length-field.js";
import type { UnreadBytes } from "./unread-bytes.js";

/** A frame that has begun to arrive, and that more bytes can finish. */
export interface UnfinishedFrame {
  /** Bytes that have arrived, the header's among them. */
  readonly receivedBytes: number;
  /** Payload length in bytes once the header is complete, else 0. */
  readonly expectedLength: number;
}

/**
 * Walks over the unread bytes from header to header, taking nothing, to the frame that they break off in.
 *
 * @returns `null` when they end with a whole frame, or when a header among them is bad: no bytes can finish that
 */
export function lookAhead(cut: CutFrame, unread: UnreadBytes, format: FrameFormat): UnfinishedFrame | null {
  try {
    return walk(cut, unread, format);
  } catch (error) {
    if (error instanceof FrameError) return null;
    throw error;
  }
}

function walk(cut: CutFrame, unread: UnreadBytes, format: FrameFormat): UnfinishedFrame | null {
  if (cut.payload !== null && cut.payload.missing > unread.length) {
    return { receivedBytes: cut.bufferedBytes + unread.length, expectedLength: cut.payload.limit };
  }
  let position = cut.payload?.missing ?? 0;
  const header = cut.header.slice();
  let headerBytes = cut.payload === null ? cut.headerBytes : 0;
  while (headerBytes > 0 || position < unread.length) {
    let length = INCOMPLETE;
    while (length === INCOMPLETE && position < unread.length) {
      header[headerBytes++] = unread.at(position++);
      length = format.field.read(header, 0, headerBytes);
    }
    if (length === INCOMPLETE) return { receivedBytes: headerBytes, expectedLength: 0 };
    checkLength(length, format);
    const payloadBytes = unread.length - position;
    if (length > payloadBytes) return { receivedBytes: headerBytes + payloadBytes, expectedLength: length };
    position += length;
    headerBytes = 0;
  }
  return null;
}
