import type { ByteStream } from "@p2pnet/stream";
import type { ConnectionProfile } from "./connection-profile.js";
import { NEVER } from "./never.js";

/** A connection as far as the bytes go that wait to be sent. It keeps the times itself: they change with every message. */
export interface TimedWriter {
  readonly profile: ConnectionProfile;
  readonly stream: ByteStream;
  /** When bytes were queued where none waited, or the system last took some; in milliseconds on the clock of the deadlines. */
  readonly waitsSince: number;
  /** Bytes that the system had taken by then. */
  readonly takenBefore: number;
  /** Has them wait since `now`. */
  putOffWrite(now: number): void;
}

/** When the system has to have taken another of the bytes that wait; `NEVER` while none does, and without a deadline. */
export function writeDeadline({ profile, stream, waitsSince }: TimedWriter): number {
  const { writeTimeoutMs } = profile.limits;
  return writeTimeoutMs === 0 || stream.bufferedBytes === 0 ? NEVER : waitsSince + writeTimeoutMs;
}

/** Whether it has passed. What the stream took without a word counts, and what it can take now. */
export function writeHasPassed(writer: TimedWriter, now: number): boolean {
  if (writeDeadline(writer) > now) return false;
  const { stream } = writer;
  stream.offer?.();
  if (stream.bufferedBytes > 0 && stream.bytesWritten === writer.takenBefore) return true;
  writer.putOffWrite(now);
  return false;
}
