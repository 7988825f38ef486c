/**
 * The server that one writes over `node:net` with a published framing library, it-length-prefixed. Its own prefix is a
 * varint; with these two functions it is the 4-byte big-endian length that all servers here speak.
 *
 * Usage: `node node-net-library.js echo|broadcast`. Prints `listening PORT`.
 */
import { createServer, type Socket } from "node:net";
import { decode, encode, type LengthDecoderFunction, type LengthEncoderFunction } from "it-length-prefixed";
import { listenAndSay } from "./listen-and-say.js";

const HEADER_BYTES = 4;
const MAX_PAYLOAD_BYTES = 1024 * 1024;

const lengthEncoder: LengthEncoderFunction = Object.assign(
  (length: number) => {
    const header = new Uint8Array(HEADER_BYTES);
    new DataView(header.buffer).setUint32(0, length);
    return header;
  },
  { bytes: HEADER_BYTES },
);

const lengthDecoder: LengthDecoderFunction = Object.assign(
  (received: { byteLength: number; getUint32(at: number): number }) => {
    // The library takes a RangeError for "not all of the header is here yet".
    if (received.byteLength < HEADER_BYTES) throw new RangeError("header: cut");
    const length = received.getUint32(0);
    if (length === 0) throw new TypeError("length: expected at least 1, got 0");
    return length;
  },
  { bytes: HEADER_BYTES },
);

const members = new Set<Socket>();

async function serve(socket: Socket, receivers: Iterable<Socket>): Promise<void> {
  for await (const message of decode(socket, { lengthDecoder, maxDataLength: MAX_PAYLOAD_BYTES })) {
    const frame = encode.single(message, { lengthEncoder }).subarray();
    for (const receiver of receivers) receiver.write(frame);
    // Asking once after each message is enough: a reader that is behind stops its sender here.
    if (socket.writableNeedDrain) await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
  }
}

const mode = process.argv[2];
if (mode !== "echo" && mode !== "broadcast") {
  console.error(`mode: expected echo or broadcast, got ${mode}`);
  process.exit(2);
}
listenAndSay(
  createServer({ noDelay: true }, (socket) => {
    members.add(socket);
    socket.on("close", () => members.delete(socket));
    socket.on("error", () => {});
    serve(socket, mode === "echo" ? [socket] : members).catch(() => socket.destroy());
  }),
);
