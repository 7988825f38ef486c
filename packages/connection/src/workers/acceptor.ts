import { defaultLoop, type Listener, type Timer } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import type { Handed } from "../transports/handed.js";
import { HandleTaker } from "./handle-taker.js";

/** Milliseconds until the next try when no worker takes anything. */
const RETRY_MS = 20;

/**
 * Accepts for workers that do not share an address by themselves, and hands each in turn a connection. What nobody takes
 * for now is kept, and accepting pauses until then, so that the others wait in the system's queue.
 */
export class Acceptor {
  readonly #onError: (error: Error) => void;
  readonly #takers = new Map<number, HandleTaker>();
  /** The listening socket's handle until accepting begins. */
  #handle: number | null = null;
  #listener: Listener | null = null;
  #begun = false;
  #paused = false;
  #closed = false;
  /** Accepted, and nobody's yet. */
  #waiting: number[] = [];
  #retry: Timer | null = null;

  /** @param onError told why accepting failed: for a while, or for good if `listens` is false */
  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  get listens(): boolean {
    return this.#listener !== null && !this.#listener.socket.closed;
  }

  /** Accepts from now on. Before, whoever connects waits: not all would go to those that started first. */
  begin(): void {
    this.#begun = true;
    if (this.#handle === null || this.#closed) return;
    const socket = Socket.fromHandle(this.#handle);
    this.#handle = null;
    this.#listener = defaultLoop().listener(socket, {
      onConnection: (accepted) => this.#accepted(accepted),
      onError: (error) => this.#onError(error),
    });
  }

  /** A worker takes part. */
  add(index: number, offer: Handed): void {
    this.#takers.set(index, new HandleTaker(offer));
    if (offer.listener !== null) this.#handle = offer.listener;
    if (this.#closed) this.#letGo();
    else if (this.#begun) this.#goOn();
  }

  /** A worker is gone: what it has not taken goes to the others. */
  remove(index: number): void {
    this.#waiting.push(...(this.#takers.get(index)?.end() ?? []));
    this.#takers.delete(index);
    if (this.#closed) this.#letGo();
    else if (this.#waiting.length > 0) this.#goOn();
  }

  /** Accepts nobody any more. What a worker was given stays its own until it is removed. */
  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#listener?.close();
    this.#letGo();
  }

  #accepted(socket: Socket): void {
    this.#waiting.push(socket.detach());
    this.#goOn();
  }

  #goOn(): void {
    while (this.#waiting.length > 0 && this.#give(this.#waiting[0]!)) this.#waiting.shift();
    if (this.#waiting.length === 0) return this.#resume();
    this.#paused = true;
    this.#listener?.pause();
    this.#retry ??= defaultLoop().timers.set(RETRY_MS, () => {
      this.#retry = null;
      this.#goOn();
    });
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#listener?.resume();
  }

  #give(handle: number): boolean {
    for (const [index, taker] of this.#takers) {
      if (!taker.give(handle)) continue;
      // Whoever had one comes last.
      this.#takers.delete(index);
      this.#takers.set(index, taker);
      return true;
    }
    return false;
  }

  #letGo(): void {
    const handles = this.#waiting.splice(0);
    if (this.#handle !== null) handles.push(this.#handle);
    this.#handle = null;
    for (const handle of handles) Socket.fromHandle(handle).close();
  }
}
