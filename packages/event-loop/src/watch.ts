import type { Socket } from "@p2pnet/socket";
import type { Interest } from "./interest.js";

/** What the loop calls when a watched socket is ready. The object is also the place for whatever belongs to the socket. */
export interface ReadinessHandlers {
  /** There is something to receive or accept; the peer's end and an error count, and `recv` tells which. */
  onReadable?(): void;
  /** There is room to send, or a connect has ended. */
  onWritable?(): void;
  /** The socket failed and is no longer registered. Without this handler the error goes to `onUncaught`. */
  onError?(error: Error): void;
}

let lastSequence = 0;

/**
 * One registration of one socket. Never used for another: whoever finds an inactive one drops what it was told about it.
 */
export abstract class Watch {
  /** Counts all registrations; told to the kernel where it gives something back, so that stale events are known. */
  readonly sequence: number;
  readonly socket: Socket;
  /** The socket's handle, kept because a closed socket no longer tells it. */
  readonly handle: number;
  interest: Interest = 0;
  active = true;

  constructor(socket: Socket) {
    lastSequence = (lastSequence + 1) >>> 0;
    this.sequence = lastSequence;
    this.socket = socket;
    this.handle = socket.handle;
  }

  /** Who is told. */
  abstract readonly handlers: ReadinessHandlers;
}

/** That of a socket whose handlers are somebody else's. */
export class HandlersWatch extends Watch {
  readonly handlers: ReadinessHandlers;

  constructor(socket: Socket, handlers: ReadinessHandlers) {
    super(socket);
    this.handlers = handlers;
  }
}
