import type { Socket } from "node:net";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { atLeast, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { pass } from "../stage.js";

const FRAMES_PER_WRITE = 4_096;
const MESSAGE_BYTES = 25;
const WRITES_UNDER_WAY = 4;

export const flood: AbuseCase = {
  name: "flood",
  abuse: `a client sends messages of ${MESSAGE_BYTES} bytes as fast as it can for some seconds, ${FRAMES_PER_WRITE} with each write`,
  size: { full: 5, quick: 2 },
  server: {},
  bounds: (seconds) => bounds({ memoryMiB: 32, cpuSeconds: 0.5 + seconds * 1.2 }),
  run: async (stage) => {
    const before = (await stage.report()).messages;
    const socket = await stage.clients.open();
    const { messages, wrong } = await floodFor(socket, stage.size * 1000);
    stage.state(
      exactly("echoes with a wrong byte", 0, wrong),
      atLeast("messages echoed a second", 50_000, messages / stage.size),
      atLeast("messages that the server has seen", messages, (await stage.report()).messages - before),
    );
  },
};

/** Keeps some writes under way, and compares every byte that comes back. */
async function floodFor(socket: Socket, ms: number): Promise<{ messages: number; wrong: number }> {
  const one = patternedFrame(MESSAGE_BYTES);
  const batch = Buffer.concat(Array.from({ length: FRAMES_PER_WRITE }, () => one));
  let received = 0;
  let wrong = 0;
  let askedFor = 0;
  const goOn = (): void => {
    for (; askedFor < received + WRITES_UNDER_WAY * batch.length; askedFor += batch.length) socket.write(batch);
  };
  socket.on("data", (chunk: Buffer) => {
    const at = received % one.length;
    // No chunk is longer than a batch.
    if (!chunk.equals(batch.subarray(at, at + chunk.length))) wrong++;
    received += chunk.length;
    goOn();
  });
  goOn();
  await pass(ms);
  socket.destroy();
  return { messages: Math.floor(received / one.length), wrong };
}
