import type { Socket } from "@p2pnet/socket";
import { READABLE } from "../interest.js";
import type { ReadinessHandlers } from "../watch.js";
import { ACCEPTS_PER_TURN, Listener, type ListenerHandlers } from "./listener.js";
import type { StreamLoop } from "./stream-loop.js";

/** A listener over readiness, with any backend: accepts when its socket is readable. */
export class ReadinessListener extends Listener implements ReadinessHandlers {
  constructor(loop: StreamLoop, socket: Socket, handlers: ListenerHandlers) {
    super(loop, socket, handlers);
    try {
      this.updateInterest();
    } catch (error) {
      loop.unwatch(this);
      throw error;
    }
  }

  /** @internal for the loop */
  get handlers(): ReadinessHandlers {
    return this;
  }

  /** @internal called by the loop */
  onReadable(): void {
    for (let accepted = 0; accepted < ACCEPTS_PER_TURN && this.accepts; accepted++) {
      const socket = this.accept();
      if (socket === null) return;
      this.user.onConnection(socket);
    }
  }

  protected override updateInterest(): void {
    this.loop.setInterest(this, this.accepts ? READABLE : 0);
  }
}
