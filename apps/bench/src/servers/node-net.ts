/**
 * The server that one writes over `node:net` without a library: framing by hand, as a peer to measure against.
 *
 * Usage: `node node-net.js plain|batched|broadcast`. "plain" echoes each message by itself; "batched" writes the echoes
 * of one read together; "broadcast" sends each message to everybody. Prints `listening PORT`.
 */
import { createServer, type Socket } from "node:net";
import { decodeFrames, encodeFrames } from "./hand-framing.js";
import { listenAndSay } from "./listen-and-say.js";

/** Calls `onMessages` with the messages of each read, and closes the connection at a length out of range. */
function readFrames(socket: Socket, onMessages: (messages: readonly Buffer[]) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("drain", () => socket.resume());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const messages: Buffer[] = [];
    try {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      rest = decodeFrames(bytes, (message) => messages.push(message));
    } catch {
      socket.destroy();
      return;
    }
    if (messages.length > 0) onMessages(messages);
  });
}

function write(socket: Socket, frames: Buffer): void {
  if (!socket.write(frames)) socket.pause();
}

const members = new Set<Socket>();

const modes: Record<string, (socket: Socket) => void> = {
  plain: (socket) =>
    readFrames(socket, (messages) => {
      for (const message of messages) write(socket, encodeFrames([message]));
    }),
  batched: (socket) => readFrames(socket, (messages) => write(socket, encodeFrames(messages))),
  broadcast: (socket) => {
    members.add(socket);
    socket.on("close", () => members.delete(socket));
    readFrames(socket, (messages) => {
      const frames = encodeFrames(messages);
      for (const member of members) write(member, frames);
    });
  },
};

const serve = modes[process.argv[2] ?? ""];
if (serve === undefined) {
  console.error(`mode: expected plain, batched or broadcast, got ${process.argv[2]}`);
  process.exit(2);
}
listenAndSay(createServer({ noDelay: true }, serve));
