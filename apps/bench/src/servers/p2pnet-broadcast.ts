/**
 * The server that one writes with @p2pnet/connection when everybody is to hear everything. Echoes are apps/async-server's.
 *
 * Usage: `node p2pnet-broadcast.js BACKEND`. Prints `listening PORT`.
 */
import { COPIED_WRITE_BYTES, listen, type MessageConnection } from "@p2pnet/connection";
import { type BackendName, EventLoop } from "@p2pnet/event-loop";

const loop = new EventLoop({ backend: process.argv[2] as BackendName });
const members = new Set<MessageConnection>();

const server = await listen({ host: "127.0.0.1", port: 0, backlog: 4096, borrow: true, loop }, (member) => {
  members.add(member);
  member.onClose = () => void members.delete(member);
  member.onMessage = (message) => {
    // A borrowed message is valid during the call only: what `send` would keep has to be copied.
    const bytes = message.length <= COPIED_WRITE_BYTES ? message : message.slice();
    for (const each of members) each.send(bytes);
  };
});
console.log(`listening ${server.address.port}`);
await loop.run();
