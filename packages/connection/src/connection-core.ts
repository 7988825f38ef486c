import type { ByteStream, ByteStreamHandlers } from "@p2pnet/stream";
import type { ConnectionProfile } from "./connection-profile.js";
import type { ConnectionStats } from "./connection-stats.js";
import { Deadlines, type TimedConnection } from "./deadlines.js";
import { publishClose, publishSlow } from "./diagnostics.js";
import { Inbox, type InboxOwner } from "./inbox.js";
import { Sender } from "./sender.js";

/** The connection that the user holds, as far as its core calls it. */
export interface Face {
  readonly onDrain: (() => void) | null;
  readonly onClose: ((error?: Error) => void) | null;
  readonly onEnd: (() => void) | null;
}

/**
 * The inside of a connection: what stream, inbox and deadlines tell, and what that means to its sending and its life. One
 * object that all of them call, instead of a closure for each call: there are as many of these as connections.
 */
export class ConnectionCore extends Sender implements ByteStreamHandlers, InboxOwner, TimedConnection {
  readonly inbox: Inbox;
  movedAt: number;
  waitsSince: number;
  takenBefore = 0;
  /** A timer comes before what is queued has waited too long. */
  #isWriteTimed = false;
  readonly #openedAt: number;
  readonly face: Face;
  #bytesReceived = 0;
  /** The consumer has heard of the peer's end. */
  #consumedAll = false;
  /** While there is something to time. */
  #deadlines: Deadlines | null = null;

  constructor(stream: ByteStream, profile: ConnectionProfile, face: Face) {
    super(stream, profile);
    this.face = face;
    this.inbox = new Inbox(this);
    stream.start(this);
    this.movedAt = profile.deadlineTimers.now;
    this.waitsSince = this.movedAt;
    this.#openedAt = this.movedAt;
    if (profile.limits.idleTimeoutMs > 0) this.#deadlines = new Deadlines(this);
  }

  stats(): ConnectionStats {
    const { now } = this.profile.timers;
    return {
      bytesReceived: this.#bytesReceived,
      bytesSent: this.stream.bytesWritten,
      messagesReceived: this.inbox.messages,
      messagesSent: this.messagesSent,
      queuedBytes: this.stream.bufferedBytes,
      timesSlow: this.timesSlow,
      ageMs: now - this.#openedAt,
      idleMs: now - this.movedAt,
    };
  }

  override end(): void {
    // A stream may have bytes of its own to say at the end: where none waited, they wait from now on.
    if (this.stream.bufferedBytes === 0) this.putOffWrite(this.profile.deadlineTimers.now);
    super.end();
    if (this.#consumedAll) this.close();
  }

  // Of the stream.

  onData(chunk: Uint8Array): void {
    this.#bytesReceived += chunk.length;
    this.movedAt = this.profile.deadlineTimers.now;
    this.inbox.receive(chunk);
  }

  onEnd(): void {
    this.peerEnded();
    if (this.receives) this.inbox.receiveEnd();
  }

  onDrain(): void {
    this.movedAt = this.profile.deadlineTimers.now;
    this.putOffWrite(this.movedAt);
    const drained = this.tookBytes();
    if (this.stage !== "open") this.closeIfFlushed();
    else if (drained) this.face.onDrain?.();
  }

  onError(error: Error): void {
    this.fail(error, this.inbox.behind);
  }

  // Of inbox and deadlines.

  inboxChanged(): void {
    if (!this.inbox.behind) this.delivered();
    if (!this.receives) return;
    this.#followFrame();
    if (this.inbox.wantsBytes) this.stream.resume();
    else this.stream.pause();
  }

  consumedAll(): void {
    this.#consumedAll = true;
    try {
      this.face.onEnd?.();
    } finally {
      const { stage } = this;
      if (!this.profile.allowHalfOpen || stage === "ended") this.close();
      else if (stage === "open") this.inbox.finish(undefined, false);
    }
  }

  putOffWrite(now: number): void {
    this.waitsSince = now;
    this.takenBefore = this.stream.bytesWritten;
  }

  nothingQueued(): void {
    this.#isWriteTimed = false;
  }

  nothingToTime(): void {
    this.#deadlines = null;
  }

  async abandoned(): Promise<void> {
    this.close();
    await this.closed;
  }

  // Of its sending and its life.

  protected override bytesQueued(): void {
    const { limits, deadlineTimers } = this.profile;
    if (limits.writeTimeoutMs === 0) return;
    this.putOffWrite(deadlineTimers.now);
    // Once for many messages: what the timer holds is not looked at for each.
    if (this.#isWriteTimed || this.stream.bufferedBytes === 0) return;
    this.#isWriteTimed = true;
    this.#timed().queued();
  }

  protected override queueIsHigh(): void {
    publishSlow(this.face, this.stream.bufferedBytes);
  }

  protected override closing(): void {
    this.#stopDeadlines();
    this.inbox.finish(undefined, true);
  }

  protected override failing(): void {
    this.#stopDeadlines();
  }

  protected override ended(error: Error | undefined): void {
    this.#stopDeadlines();
    this.inbox.finish(error, false);
    this.settleDrained();
    this.profile.onEnded?.(error, this.face);
    publishClose(this.face, error);
  }

  protected override told(error: Error | undefined): void {
    this.face.onClose?.(error);
  }

  #timed(): Deadlines {
    this.#deadlines ??= new Deadlines(this);
    return this.#deadlines;
  }

  #followFrame(): void {
    if (this.profile.limits.frameTimeoutMs === 0) return;
    if (this.#deadlines?.timesFrame || this.inbox.waitsInFrame) this.#timed().read();
  }

  #stopDeadlines(): void {
    this.#deadlines?.stop();
    this.#deadlines = null;
  }
}
