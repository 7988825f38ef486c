import type { Socket } from "@p2pnet/socket";
import { isSystemError } from "@p2pnet/sys";
import { READABLE } from "../interest.js";
import type { Timer } from "../timers.js";
import type { ReadinessHandlers, Watch } from "../watch.js";
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

/** Connections accepted in one turn. More wait for the next, so that a rush of them does not hold up the others. */
const ACCEPTS_PER_TURN = 64;
/** Milliseconds without accepting when the system has run out of something. */
export const RETRY_MS = 100;

/** A listening socket on a loop. Owns the socket. */
export class Listener implements ReadinessHandlers {
  readonly socket: Socket;
  readonly #loop: StreamLoop;
  readonly #handlers: ListenerHandlers;
  readonly #watch: Watch;
  #paused = false;
  /** Runs while the system is short of something. */
  #retry: Timer | null = null;

  constructor(loop: StreamLoop, socket: Socket, handlers: ListenerHandlers) {
    this.#loop = loop;
    this.socket = socket;
    this.#handlers = handlers;
    this.#watch = loop.watch(socket, this, READABLE);
  }

  /** Leaves new connections in the system's queue. */
  pause(): void {
    this.#paused = true;
    this.#updateInterest();
  }

  resume(): void {
    this.#paused = false;
    this.#updateInterest();
  }

  /** Stops listening; whoever waits in the queue is refused by the system. Closing twice is allowed. */
  close(): void {
    this.#retry?.cancel();
    this.#loop.unwatch(this.#watch);
    this.socket.close();
  }

  /** @internal called by the loop */
  onReadable(): void {
    for (
      let accepted = 0;
      accepted < ACCEPTS_PER_TURN && this.#watch.active && this.#watch.interest !== 0;
      accepted++
    ) {
      const socket = this.#accept();
      if (socket === null) return;
      this.#handlers.onConnection(socket);
    }
  }

  /** @internal called by the loop */
  onError(error: Error): void {
    this.close();
    this.#handlers.onError(error);
  }

  #accept(): Socket | null {
    try {
      return this.socket.accept();
    } catch (error) {
      if (!isSystemError(error) || !["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"].includes(error.code)) throw error;
      // The waiting connection would keep the listener ready: without a pause the loop would spin.
      this.#retry = this.#loop.timers.set(RETRY_MS, () => this.#tryAgain());
      this.#updateInterest();
      this.#handlers.onError(error);
      return null;
    }
  }

  #tryAgain(): void {
    this.#retry = null;
    this.#updateInterest();
  }

  #updateInterest(): void {
    this.#loop.setInterest(this.#watch, this.#paused || this.#retry !== null ? 0 : READABLE);
  }
}
