import type { Socket } from "node:net";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { atLeast, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { pass } from "../stage.js";

/** What one write carries, at the least; and more bytes than one read gives the client, so that a chunk lies within a write. */
const WRITE_FRAMES = 4_096;
const WRITE_BYTES = 96 * 1024;
const WRITES_UNDER_WAY = 4;

export const flood: AbuseCase = floodOf("flood", 25, 50_000);
/** Nothing but headers, nearly: the most work that a byte can ask for. */
export const floodOfTiny: AbuseCase = floodOf("flood-tiny", 1, 50_000);

function floodOf(name: string, messageBytes: number, atLeastASecond: number): AbuseCase {
  const one = patternedFrame(messageBytes);
  const count = Math.max(WRITE_FRAMES, Math.ceil(WRITE_BYTES / one.length));
  const batch = Buffer.concat(Array.from({ length: count }, () => one));
  return {
    name,
    abuse: `a client sends messages of ${messageBytes} bytes as fast as it can for some seconds, ${count} with each write`,
    size: { full: 5, quick: 1 },
    server: {},
    // All of a processor, and what the engine's own threads add.
    bounds: (seconds) => bounds({ memoryMiB: 32, cpuSeconds: 1 + seconds * 1.5 }),
    run: async (stage) => {
      const before = (await stage.report()).messages;
      const socket = await stage.clients.open();
      const { messages, wrong } = await floodFor(socket, one.length, batch, stage.size * 1000);
      stage.state(
        exactly("echoes with a wrong byte", 0, wrong),
        atLeast("messages echoed a second", atLeastASecond, messages / stage.size),
        atLeast("messages that the server has seen", messages, (await stage.report()).messages - before),
      );
    },
  };
}

/** Keeps some writes under way, and compares every byte that comes back. */
async function floodFor(
  socket: Socket,
  frameBytes: number,
  batch: Buffer,
  ms: number,
): Promise<{ messages: number; wrong: number }> {
  let received = 0;
  let wrong = 0;
  let askedFor = 0;
  const goOn = (): void => {
    for (; askedFor < received + WRITES_UNDER_WAY * batch.length; askedFor += batch.length) socket.write(batch);
  };
  socket.on("data", (chunk: Buffer) => {
    const at = received % frameBytes;
    // No chunk is longer than a batch.
    if (!chunk.equals(batch.subarray(at, at + chunk.length))) wrong++;
    received += chunk.length;
    goOn();
  });
  goOn();
  await pass(ms);
  socket.destroy();
  return { messages: Math.floor(received / frameBytes), wrong };
}
