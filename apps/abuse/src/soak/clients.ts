/**
 * The clients of the soak, in a process of their own: each sends a message, compares the echo, rests, and goes on; after
 * every fiftieth echo on average it leaves, in one of several ways, and connects anew.
 */
import { connect, type Socket } from "node:net";
import { HEADER_BYTES, header, patternedFrame } from "../frames.js";
import { answerParent, setupFromParent } from "../parent.js";
import type { SoakSetup, SoakTraffic } from "./setup.js";

const LENGTHS = [16, 100, 1_000, 4_000, 20_000];
const FRAMES: readonly Buffer[] = LENGTHS.map(patternedFrame);
const LEAVES_AFTER = 50;
const REST_MS = 300;

const { port, connections } = setupFromParent<SoakSetup>();
const sockets = new Set<Socket>();
const left: Record<string, number> = {};
let echoes = 0;
let wrong = 0;
let lost = 0;
let leaving = false;

/** How a client leaves. None of them waits for what is under way. */
const WAYS: Readonly<Record<string, (socket: Socket) => unknown>> = {
  "closes (FIN)": (socket) => socket.end(),
  "aborts (RST)": (socket) => socket.resetAndDestroy(),
  "vanishes inside a frame": (socket) =>
    socket.write(header(1_000).subarray(0, HEADER_BYTES - 1), () => socket.destroy()),
  "vanishes with its echo under way": (socket) => socket.write(FRAMES.at(-1)!, () => socket.resetAndDestroy()),
};
const NAMES = Object.keys(WAYS);

function begin(): void {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let expected: Buffer = Buffer.alloc(0);
  let chunks: Buffer[] = [];
  let length = 0;
  let left = false;

  const send = (): void => {
    if (socket.destroyed || left) return;
    expected = FRAMES[Math.floor(Math.random() * FRAMES.length)]!;
    chunks = [];
    length = 0;
    socket.write(expected);
  };
  sockets.add(socket);
  socket.on("connect", send);
  socket.on("data", (chunk) => {
    if (left) return;
    chunks.push(chunk);
    length += chunk.length;
    if (length < expected.length) return;
    echoes++;
    if (!Buffer.concat(chunks).equals(expected)) wrong++;
    left = leaving || Math.random() < 1 / LEAVES_AFTER;
    if (left) leave(socket);
    else setTimeout(send, Math.random() * 2 * REST_MS);
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    sockets.delete(socket);
    if (!left && !leaving) lost++;
    if (!leaving) begin();
  });
}

function leave(socket: Socket): void {
  const name = NAMES[Math.floor(Math.random() * NAMES.length)]!;
  left[name] = (left[name] ?? 0) + 1;
  WAYS[name]!(socket);
}

function traffic(): SoakTraffic {
  return { open: sockets.size, echoes, wrong, left, lost };
}

for (let i = 0; i < connections; i++) begin();
answerParent(null, {
  traffic,
  leave: () => {
    leaving = true;
    for (const socket of sockets) socket.end();
  },
});
