import type { Socket } from "@p2pnet/socket";
import { isSystemError, type SystemError } from "@p2pnet/sys";
import type { Timer } from "../timers.js";
import { Watch } from "../watch.js";
import type { StreamLoop } from "./stream-loop.js";

export interface ListenerHandlers {
  /** A peer has connected. The socket is the handler's to keep or close. */
  onConnection(socket: Socket): void;
  /**
   * Accepting failed. Out of descriptors or memory (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`), accepting pauses for
   * `RETRY_MS` and goes on by itself; after anything else the listener is closed.
   */
  onError(error: Error): void;
}

/** Connections told in one turn. More wait for the next, so that a rush of them does not hold up the others. */
export const ACCEPTS_PER_TURN = 64;
/** Milliseconds without accepting when the system has run out of something. */
export const RETRY_MS = 100;

/** A listening socket on a loop. Owns the socket. How peers are accepted is a subclass's. */
export abstract class Listener extends Watch {
  protected readonly loop: StreamLoop;
  protected readonly user: ListenerHandlers;
  #paused = false;
  /** Runs while the system is short of something. */
  #retry: Timer | null = null;

  constructor(loop: StreamLoop, socket: Socket, handlers: ListenerHandlers) {
    super(socket);
    this.loop = loop;
    this.user = handlers;
    loop.register(this);
  }

  /** Leaves new connections in the system's queue. */
  pause(): void {
    this.#paused = true;
    this.updateInterest();
  }

  resume(): void {
    this.#paused = false;
    this.updateInterest();
  }

  /** Stops listening; whoever waits in the queue is refused by the system. Closing twice is allowed. */
  close(): void {
    this.#retry?.cancel();
    this.loop.unwatch(this);
    this.socket.close();
  }

  /** @internal called by the loop */
  onError(error: Error): void {
    this.close();
    this.user.onError(error);
  }

  /** Whether peers are to be accepted. */
  protected get accepts(): boolean {
    return this.active && !this.#paused && this.#retry === null;
  }

  /** `accepts` has changed. */
  protected abstract updateInterest(): void;

  /** The next peer, or null for now. @throws SystemError when accepting fails for good */
  protected accept(): Socket | null {
    try {
      return this.socket.accept();
    } catch (error) {
      if (!isSystemError(error) || !this.pausesFor(error)) throw error;
      return null;
    }
  }

  /** Whether the system is short of something, which is told: accepting pauses then. */
  protected pausesFor(error: SystemError): boolean {
    if (!["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"].includes(error.code)) return false;
    // The waiting connection would keep the listener ready: without a pause the loop would spin.
    this.#retry = this.loop.timers.set(RETRY_MS, () => this.#tryAgain());
    this.updateInterest();
    this.user.onError(error);
    return true;
  }

  #tryAgain(): void {
    this.#retry = null;
    this.updateInterest();
  }
}
