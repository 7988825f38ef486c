import type { Socket } from "@p2pnet/socket";
import { WRITABLE } from "../interest.js";
import type { ReadinessHandlers, Watch } from "../watch.js";
import type { StreamLoop } from "./stream-loop.js";

export interface ConnectHandlers {
  /** The socket is connected, and no longer registered: make a stream of it. */
  onConnect(): void;
  /** It is not, and no longer registered. The socket is still the caller's to close. */
  onError(error: Error): void;
}

/** A connect under way on a loop. Closing the socket gives it up without a word. */
export class Connector implements ReadinessHandlers {
  readonly #loop: StreamLoop;
  readonly #socket: Socket;
  readonly #handlers: ConnectHandlers;
  readonly #watch: Watch;

  /** @throws SystemError when the system refuses at once (`ENETUNREACH`, `EADDRNOTAVAIL`, ...) */
  constructor(loop: StreamLoop, socket: Socket, address: { address: string; port: number }, handlers: ConnectHandlers) {
    this.#loop = loop;
    this.#socket = socket;
    this.#handlers = handlers;
    this.#watch = loop.watch(socket, this, WRITABLE);
    try {
      // Connected at once, the socket is writable too: one way for both, and never a call from inside this one.
      socket.connect(address);
    } catch (error) {
      loop.unwatch(this.#watch);
      throw error;
    }
  }

  /** @internal called by the loop */
  onWritable(): void {
    const error = this.#socket.takeError();
    this.#loop.unwatch(this.#watch);
    if (error === null) this.#handlers.onConnect();
    else this.#handlers.onError(error);
  }

  /** @internal called by the loop */
  onError(error: Error): void {
    this.#handlers.onError(error);
  }
}
