import type { Socket } from "node:net";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";
import { frame, patterned, patternedFrame } from "../frames.js";
import { settles } from "../raw-clients.js";
import type { Stage } from "../stage.js";

const LIMIT_MS = 5_000;
const LONG_BYTES = 1024 * 1024;
const LONG: Buffer = frame(patterned(LONG_BYTES));

/** What a client does before it resets. */
const STAGES: Readonly<Record<string, readonly [did: string, prepare: (socket: Socket) => unknown]>> = {
  "mid-header": ["two bytes of a header", (socket) => written(socket, LONG.subarray(0, 2))],
  "mid-payload": ["half of 1 MiB", (socket) => written(socket, LONG.subarray(0, LONG_BYTES / 2))],
  "data-queued": [
    "16 messages of 1 MiB, whose echoes it does not read",
    (socket) => settles(written(socket, ...Array.from({ length: 16 }, () => LONG)), 300),
  ],
  "during-close": [
    "a message and its end, so that the server is closing",
    async (socket) => {
      socket.write(patternedFrame(LONG_BYTES / 4));
      await settles(new Promise<void>((resolve) => socket.end(resolve)), LIMIT_MS);
    },
  ],
  connecting: ["nothing: it resets as soon as it is connected", () => {}],
};

export const resetStages: readonly AbuseCase[] = Object.entries(STAGES).map(([stage, [did, prepare]]) => ({
  name: `rst-${stage}`,
  abuse: `each client resets after ${did}`,
  size: { full: 200, quick: 40 },
  server: {},
  bounds: (size) =>
    stage === "data-queued"
      ? bounds({ memoryMiB: 128, cpuSeconds: 0.3 + size * 0.015 })
      : bounds({ memoryMiB: 48, cpuSeconds: 0.3 + size * 0.003 }),
  run: (on) => resetAll(on, prepare),
}));

async function resetAll(stage: Stage, prepare: (socket: Socket) => unknown): Promise<void> {
  await stage.clients.each(
    stage.size,
    async (socket) => {
      await prepare(socket);
      socket.resetAndDestroy();
    },
    20,
  );
  await stage.newcomer();
  const { open } = await stage.reportWhenAlone(LIMIT_MS);
  stage.state(exactly("connections still kept", 0, open - 1));
}

function written(socket: Socket, ...chunks: readonly Buffer[]): Promise<unknown> {
  return Promise.all(chunks.map((chunk) => settles(new Promise((resolve) => socket.write(chunk, resolve)), LIMIT_MS)));
}
