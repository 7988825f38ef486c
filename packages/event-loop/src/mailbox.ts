import { MessageChannel, type MessagePort } from "node:worker_threads";
import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { type System, system } from "@p2pnet/sys";
import { READABLE } from "./interest.js";
import { openBell, ring } from "./mailbox-bell.js";
import { MailboxLine } from "./mailbox-line.js";
import { mailboxClosed } from "./mailbox-state.js";
import type { ReadinessHandlers, Watch } from "./watch.js";

/** Values told in one turn. More wait for the next, so that a busy poster does not hold up the others. */
const VALUES_PER_TURN = 64;
/** Longest wait of a close for a thread that rings at that moment, which takes microseconds if it lives. */
const CLOSE_LIMIT_MS = 100;

/**
 * Where one other thread reaches a mailbox. Send it there (`workerData`, `postMessage`) with `port` in the transfer list,
 * and make a `Poster` of it.
 */
export interface MailboxAddress {
  readonly port: MessagePort;
  /** The bell's handle, which belongs to the mailbox. */
  readonly handle: number;
  readonly state: SharedArrayBuffer;
}

/** What a mailbox asks of the loop that it lives on. */
export interface MailboxLoop {
  watch(socket: Socket, handlers: ReadinessHandlers, interest: number): Watch;
  unwatch(watch: Watch): void;
  /** A handler threw. */
  threw(error: unknown): void;
}

/**
 * Tells a loop's thread what other threads post. Made by `loop.mailbox`. Until it is closed it keeps the loop going, as a
 * socket does.
 */
export class Mailbox implements ReadinessHandlers {
  readonly #loop: MailboxLoop;
  readonly #system: System = system();
  readonly #bell: Socket;
  readonly #watch: Watch;
  readonly #onMessage: (value: unknown) => void;
  readonly #onClose: () => void;
  readonly #rings = new Uint8Array(1);
  /** Whose turn it is comes first. */
  #lines: MailboxLine[] = [];
  #closed = false;

  constructor(loop: MailboxLoop, onMessage: (value: unknown) => void, onClose: () => void) {
    this.#loop = loop;
    this.#onMessage = onMessage;
    this.#onClose = onClose;
    this.#bell = openBell();
    try {
      this.#watch = loop.watch(this.#bell, this, READABLE);
    } catch (error) {
      this.#bell.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * An address for one other thread: each thread gets its own.
   *
   * @throws EventLoopError `ERR_MAILBOX_CLOSED`
   */
  address(): MailboxAddress {
    if (this.#closed) throw mailboxClosed();
    const { port1, port2 } = new MessageChannel();
    const line = new MailboxLine(port1, () => this.#ring());
    this.#lines.push(line);
    return { port: port2, handle: this.#bell.handle, state: line.state.shared };
  }

  /**
   * Tells nothing any more: what was posted and not told yet is dropped. Closing twice is allowed. If a thread was
   * terminated at the very moment of ringing, and that only just now, this takes 100 ms and leaves the bell's handle open.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    this.#loop.unwatch(this.#watch);
    const lines = this.#lines.splice(0);
    for (const line of lines) line.close();
    const deadline = performance.now() + CLOSE_LIMIT_MS;
    if (lines.every((line) => line.over || line.state.waitUntilLeft(deadline))) this.#bell.close();
    else this.#bell.detach();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal called by the loop */
  onReadable(): void {
    while (this.#bell.recv(this.#rings) !== WOULD_BLOCK);
    // Before any value is taken: one that comes too late for this turn has rung again.
    for (const { state } of this.#lines) state.answer();
    let left = VALUES_PER_TURN;
    for (const line of [...this.#lines]) {
      left -= this.#tell(line, left);
      if (this.#closed) return;
      if (left === 0) return this.#goOnNextTurn(line);
    }
  }

  /** @internal called by the loop */
  onError(error: Error): void {
    this.close();
    throw error;
  }

  /** Tells at most `limit` values of one poster. How many it told. */
  #tell(line: MailboxLine, limit: number): number {
    // Asked before the last value is taken: nothing comes after it then.
    const { over } = line;
    let told = 0;
    while (told < limit && !this.#closed) {
      try {
        const next = line.take();
        if (next === undefined) {
          if (over) this.#hangUp(line);
          return told;
        }
        told++;
        this.#onMessage(next.message);
      } catch (error) {
        this.#loop.threw(error);
      }
    }
    return told;
  }

  #hangUp(line: MailboxLine): void {
    line.close();
    this.#lines = this.#lines.filter((other) => other !== line);
  }

  /** After `line`, which has had its share, the others come first. */
  #goOnNextTurn(line: MailboxLine): void {
    const next = this.#lines.indexOf(line) + 1;
    this.#lines.push(...this.#lines.splice(0, next));
    this.#ring();
  }

  #ring(): void {
    if (this.#closed) return;
    try {
      ring(this.#system, this.#bell.handle);
    } catch (error) {
      this.#loop.threw(error);
    }
  }
}
