import { once } from "node:events";
import { connect } from "node:net";
import { unlessAborted } from "../abort.js";
import { linkToServer } from "./node-link.js";
import { listenOnNode } from "./node-listening.js";
import { keepingTimers } from "./node-timers.js";
import type { Endpoint, Transport } from "./transport.js";

/** `node:net`, which runs wherever Node does. */
export const nodeTransport: Transport = {
  name: "node",
  timers: keepingTimers,

  async connect(to, signal) {
    signal.throwIfAborted();
    const socket = connect({ ...targetOf(to), allowHalfOpen: true, noDelay: true });
    socket.pause();
    try {
      await unlessAborted(once(socket, "connect"), signal);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return linkToServer(socket, to);
  },

  listen: listenOnNode,
};

function targetOf(to: Endpoint): { path: string } | { host: string; port: number } {
  return "path" in to ? { path: to.path } : { host: to.address, port: to.port };
}
