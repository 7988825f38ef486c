import type { Socket } from "node:net";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { atMost, endedWith, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { pass, type Stage } from "../stage.js";

const ROUND_MS = 20;
const ROUNDS = 100;
/** What is said in each round: more in all than the system's buffers and the queue of one member hold together. */
const ROUND: Buffer = Buffer.concat([65_536, 65_536, 65_536, 65_536, 32].map(patternedFrame));
const LIMIT_MS = 10_000;
const DROPPED_MS = 1_000;
/** The silence that the room allows, with what it waits for the last ones and what was held up meanwhile. */
const LATENCY_MS = 2_500;

export const chatStuckMembers: AbuseCase = {
  name: "chat-stuck-members",
  abuse: `in a chat room two of three members never read, while one tells the others ${ROUND.length} bytes every ${ROUND_MS} ms`,
  size: { full: 30, quick: 9 },
  server: { behaviour: "chat" },
  bounds: (size) => bounds({ memoryMiB: 64 + 2 * size, cpuSeconds: 1.5 + size * 0.15 }),
  run: async (stage) => {
    const live = Math.floor(stage.size / 3);
    const members = await stage.clients.each(stage.size, (socket) => socket);
    await stage.reportWhen(({ open }) => open === stage.size + 1, LIMIT_MS);
    const [speaker, ...listeners] = members.slice(0, live) as [Socket, ...Socket[]];
    await talk(stage, speaker, listeners);
    const stuck = members.length - live;
    const { ends } = await stage.reportWhen((report) => (report.ends["ERR_SLOW_PEER"] ?? 0) === stuck, DROPPED_MS);
    stage.state(endedWith("ERR_SLOW_PEER", stuck, ends));
  },
};

/** Speaks in rounds, and times each until every listener has all of it. */
async function talk(stage: Stage, speaker: Socket, listeners: readonly Socket[]): Promise<void> {
  const spokenAt: number[] = [];
  const received = listeners.map(() => 0);
  let worstMs = 0;
  for (const [index, listener] of listeners.entries()) {
    listener.on("data", (chunk: Buffer) => {
      const before = Math.floor(received[index]! / ROUND.length);
      received[index]! += chunk.length;
      // The oldest of those that are whole now has waited the longest.
      if (received[index]! >= (before + 1) * ROUND.length) {
        worstMs = Math.max(worstMs, performance.now() - spokenAt[before]!);
      }
    });
  }
  for (let round = 0; round < ROUNDS; round++) {
    spokenAt.push(performance.now());
    speaker.write(ROUND);
    await pass(ROUND_MS);
  }
  const all = ROUNDS * ROUND.length;
  const end = performance.now() + LIMIT_MS;
  while (received.some((bytes) => bytes < all) && performance.now() < end) await pass(ROUND_MS);
  const lost = received.reduce((sum, bytes) => sum + all - bytes, 0);
  stage.state(
    exactly("bytes that members who read lack", 0, lost),
    atMost("what is said reaches them after", LATENCY_MS, lost === 0 ? worstMs : Number.POSITIVE_INFINITY, "ms"),
  );
}
