/**
 * The server that one writes with `Bun.listen`, framing by hand. The echoes of one read leave with one write.
 *
 * Usage: `bun bun-listen.js echo|broadcast`. Prints `listening PORT`.
 */

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
  if (data.unsent.length > 0) {
    data.unsent = Buffer.concat([data.unsent, bytes]);
    return;
  }
  const taken = socket.write(bytes);
  // A chunk is Bun's again after the call: what is kept of it has to be copied.
  if (taken >= 0 && taken < bytes.length) data.unsent = Buffer.from(bytes.subarray(taken));
}

const mode = process.argv[2];
if (mode !== "echo" && mode !== "broadcast") {
  console.error(`mode: expected echo or broadcast, got ${mode}`);
  process.exit(2);
}

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
      const whole = wholeFrames(bytes);
      if (whole < 0) {
        socket.end();
        return;
      }
      data.rest = whole === bytes.length ? nothing : Buffer.from(bytes.subarray(whole));
      if (whole === 0) return;
      const frames = bytes.subarray(0, whole);
      if (mode === "echo") {
        send(socket, frames);
      } else {
        for (const member of members) send(member, frames);
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
