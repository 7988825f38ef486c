/** The client that does nothing wrong, in a process of its own: one message, its echo, a pause, the next. */
import { once } from "node:events";
import { connect } from "node:net";
import { patternedFrame } from "../frames.js";
import { answerParent, setupFromParent } from "../parent.js";
import type { PingReport, PingSetup } from "./setup.js";

const { port, intervalMs } = setupFromParent<PingSetup>();
/** Even lengths, each unlike the last, so that no echo passes for another. */
const LENGTHS = [16, 18, 20, 22, 24, 26, 28, 30];

const socket = connect({ host: "127.0.0.1", port, noDelay: true });
let roundTrips: number[] = [];
let wrong = 0;
let sentAt = 0;
let sent = 0;
let expected: Buffer = Buffer.alloc(0);
let received: Buffer = Buffer.alloc(0);
let failure: string | null = null;

function ping(): void {
  const length = LENGTHS[sent++ % LENGTHS.length]!;
  expected = patternedFrame(length);
  received = Buffer.alloc(0);
  sentAt = performance.now();
  socket.write(expected);
}

socket.on("data", (chunk: Buffer) => {
  received = Buffer.concat([received, chunk]);
  if (received.length < expected.length) return;
  roundTrips.push(performance.now() - sentAt);
  if (!received.equals(expected)) wrong++;
  setTimeout(ping, intervalMs);
});
socket.on("error", (error) => {
  failure ??= error.message;
});
socket.on("close", () => {
  failure ??= "closed by the server";
});

/** Those since the last report, in milliseconds. One that is still under way counts as long as it has taken. */
function report(): PingReport {
  const underWay = received.length < expected.length ? [performance.now() - sentAt] : [];
  const sorted = [...roundTrips, ...underWay].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  roundTrips = [];
  return { count: sorted.length, p99: at(0.99), worst: at(1), wrong, failure };
}

await once(socket, "connect");
ping();
answerParent(null, { report });
