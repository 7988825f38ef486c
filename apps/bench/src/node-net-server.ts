/**
 * The echo server that one writes over `node:net` without a library: framing by hand, as a peer to measure against.
 *
 * Usage: `node node-net-server.js plain|batched`. "plain" writes each echo by itself; "batched" writes the echoes of one
 * read together. Prints `listening PORT`.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";

const HEADER_BYTES = 4;
const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** Calls `onMessage` for each complete frame and returns the bytes after the last; throws at a length out of range. */
function decodeFrames(bytes: Buffer, onMessage: (payload: Buffer) => void): Buffer {
  let start = 0;
  while (bytes.length - start >= HEADER_BYTES) {
    const length = bytes.readUInt32BE(start);
    if (length === 0 || length > MAX_PAYLOAD_BYTES) throw new RangeError(`length: got ${length}`);
    const end = start + HEADER_BYTES + length;
    if (end > bytes.length) break;
    onMessage(bytes.subarray(start + HEADER_BYTES, end));
    start = end;
  }
  return bytes.subarray(start);
}

function encodeFrames(messages: readonly Buffer[]): Buffer {
  let size = 0;
  for (const message of messages) size += HEADER_BYTES + message.length;
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) {
    frames.writeUInt32BE(message.length, at);
    frames.set(message, at + HEADER_BYTES);
    at += HEADER_BYTES + message.length;
  }
  return frames;
}

function serve(socket: Socket, batched: boolean): void {
  let rest: Buffer = Buffer.alloc(0);
  const write = (messages: readonly Buffer[]): void => {
    if (!socket.write(encodeFrames(messages))) socket.pause();
  };
  socket.on("drain", () => socket.resume());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const messages: Buffer[] = [];
    const onMessage = batched
      ? (message: Buffer): void => void messages.push(message)
      : (message: Buffer): void => write([message]);
    try {
      rest = decodeFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]), onMessage);
    } catch {
      socket.destroy();
      return;
    }
    if (messages.length > 0) write(messages);
  });
}

const mode = process.argv[2];
if (mode !== "plain" && mode !== "batched") {
  console.error(`mode: expected plain or batched, got ${mode}`);
  process.exit(2);
}
const server = createServer({ noDelay: true }, (socket) => serve(socket, mode === "batched"));
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`);
});
