import { expectBytes } from "./errors.js";
import type { MessageConnection } from "./message-connection.js";

export interface BroadcastOptions {
  /** One that is left out, such as the sender. */
  readonly except?: MessageConnection | undefined;
  /**
   * Leaves out who has a high-water mark of bytes to take already, and so misses this message. Default false: the message is
   * queued, up to the connection's `maxQueuedBytes`, beyond which it ends with `ERR_SLOW_PEER`.
   */
  readonly skipSlow?: boolean;
}

/** How many connections a broadcast has reached, or not. */
export interface BroadcastResult {
  /** The message was queued. */
  readonly sent: number;
  /** Left out with `skipSlow`. */
  readonly skipped: number;
  /** Ended with `ERR_SLOW_PEER`. */
  readonly dropped: number;
}

/**
 * Sends one message over many connections. It is framed once, and all that frame it alike are given the same bytes. Nobody
 * waits for anybody. `message` may change as soon as this returns; who is closing gets nothing, and is not counted.
 *
 * @throws ConnectionError `ERR_INVALID_ARG_TYPE`; FrameError `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY` if one of the
 * connections may not carry it, and then nobody gets it
 */
export function broadcast(
  connections: Iterable<MessageConnection>,
  message: Uint8Array,
  { except, skipSlow = false }: BroadcastOptions = {},
): BroadcastResult {
  expectBytes("message", message);
  const members: MessageConnection[] = [];
  const frames: Uint8Array[] = [];
  let frame: Uint8Array | null = null;
  for (const connection of connections) {
    if (connection === except || !connection.open) continue;
    frame = connection.frameOf(message, frame);
    members.push(connection);
    frames.push(frame);
  }
  let sent = 0;
  let skipped = 0;
  for (let i = 0; i < members.length; i++) {
    const connection = members[i]!;
    if (skipSlow && connection.slow) skipped++;
    else if (connection.sendFrame(frames[i]!)) sent++;
  }
  return { sent, skipped, dropped: members.length - sent - skipped };
}
