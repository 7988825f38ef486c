import type { Socket } from "@p2pnet/socket";
import type { Listener, ListenerHandlers } from "./listener.js";
import type { SocketStream } from "./socket-stream.js";
import type { StreamLoop } from "./stream-loop.js";

/** What moves bytes and connections: written once over readiness, or a part of a backend that does that itself. */
export interface LevelTwo {
  stream(loop: StreamLoop, socket: Socket): SocketStream;
  listener(loop: StreamLoop, socket: Socket, handlers: ListenerHandlers): Listener;
}
