/**
 * The server that one writes with `Bun.listen`, framing by hand. The echoes of one read leave with one write.
 *
 * Usage: `bun bun-listen.js echo|forward|broadcast`. "echo" hands each message to a callback, which answers it; "forward" looks
 * at the headers, and sends the bytes back as they came. Prints `listening PORT`.
 */
import { decodeFrames, encodeFrames } from "./hand-framing.js";

/** The part of Bun's interface that this program uses (https://bun.com/docs/api/tcp). */
interface BunSocket {
  data: Connection;
  /** Bytes taken; the rest is the caller's to send again after `drain`. -1: the socket is closed. */
  write(bytes: Uint8Array): number;
  end(): void;
  terminate(): void;
}
interface Bun {
  listen(options: {
    hostname: string;
    port: number;
    socket: Record<"open" | "close" | "drain" | "error", (socket: BunSocket) => void> & {
      data(socket: BunSocket, chunk: Uint8Array): void;
    };
  }): { readonly port: number };
}
declare const Bun: Bun;

const HEADER_BYTES = 4;
const MAX_PAYLOAD_BYTES = 1024 * 1024;

interface Connection {
  /** The first part of a cut frame. */
  rest: Buffer;
  /** What the kernel has not taken yet. */
  unsent: Buffer;
}

const nothing = Buffer.alloc(0);
const members = new Set<BunSocket>();

/** Bytes of the whole frames at the start; -1 at a length out of range. */
function wholeFrames(bytes: Buffer): number {
  let whole = 0;
  while (bytes.length - whole >= HEADER_BYTES) {
    const length = bytes.readUInt32BE(whole);
    if (length === 0 || length > MAX_PAYLOAD_BYTES) return -1;
    if (whole + HEADER_BYTES + length > bytes.length) break;
    whole += HEADER_BYTES + length;
  }
  return whole;
}

function send(socket: BunSocket, bytes: Buffer): void {
  const { data } = socket;
  if (bytes.length === 0) return;
  if (data.unsent.length > 0) {
    data.unsent = Buffer.concat([data.unsent, bytes]);
    return;
  }
  const taken = socket.write(bytes);
  // A chunk is Bun's again after the call: what is kept of it has to be copied.
  if (taken >= 0 && taken < bytes.length) data.unsent = Buffer.from(bytes.subarray(taken));
}

const mode = process.argv[2] ?? "";
if (!["echo", "forward", "broadcast"].includes(mode)) {
  console.error(`mode: expected echo, forward or broadcast, got ${mode}`);
  process.exit(2);
}

/** Echoes message by message; what is left is the first part of a cut frame. Throws at a length out of range. */
function echo(socket: BunSocket, bytes: Buffer): Buffer {
  const answers: Buffer[] = [];
  const onMessage = (message: Buffer): void => void answers.push(message);
  const rest = decodeFrames(bytes, onMessage);
  if (answers.length > 0) send(socket, encodeFrames(answers));
  return rest;
}

/** Sends whole frames on as they are. As `echo`. */
function forward(socket: BunSocket, bytes: Buffer): Buffer {
  const whole = wholeFrames(bytes);
  if (whole < 0) throw new RangeError("length");
  const frames = bytes.subarray(0, whole);
  if (mode === "forward") send(socket, frames);
  else for (const member of members) send(member, frames);
  return bytes.subarray(whole);
}

const answer = mode === "echo" ? echo : forward;

const server = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(socket) {
      socket.data = { rest: nothing, unsent: nothing };
      if (mode === "broadcast") members.add(socket);
    },
    data(socket, chunk) {
      const { data } = socket;
      const received = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const bytes = data.rest.length === 0 ? received : Buffer.concat([data.rest, received]);
      try {
        const rest = answer(socket, bytes);
        data.rest = rest.length === 0 ? nothing : Buffer.from(rest);
      } catch {
        socket.end();
      }
    },
    drain(socket) {
      const { data } = socket;
      const taken = socket.write(data.unsent);
      if (taken > 0) data.unsent = data.unsent.subarray(taken);
    },
    close: (socket) => void members.delete(socket),
    error: (socket) => socket.terminate(),
  },
});
console.log(`listening ${server.port}`);
