import type { Socket as NodeSocket } from "node:net";
import { Socket } from "@p2pnet/socket";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";
import { frame, patterned, patternedFrame } from "../frames.js";
import { isStopped } from "../process-readings.js";
import { settles } from "../raw-clients.js";
import { pass, type Stage } from "../stage.js";

const LIMIT_MS = 5_000;
const LONG_BYTES = 1024 * 1024;
const LONG: Buffer = frame(patterned(LONG_BYTES));

/** What a client does before it resets. */
const STAGES: Readonly<Record<string, readonly [did: string, prepare: (socket: NodeSocket) => unknown]>> = {
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
};

const SIZE = { full: 200, quick: 40 };
/** Clients at a time. */
const WAVE = 20;

const resetConnected: readonly AbuseCase[] = Object.entries(STAGES).map(([stage, [did, prepare]]) => ({
  name: `rst-${stage}`,
  abuse: `each client resets after ${did}`,
  size: SIZE,
  server: {},
  bounds: (size) =>
    stage === "data-queued"
      ? bounds({ memoryMiB: 192, cpuSeconds: 0.5 + size * 0.03 })
      : bounds({ memoryMiB: 64, cpuSeconds: 0.3 + size * 0.003 }),
  run: (on) => resetAll(on, prepare),
}));

/** Unlike those of connect-and-vanish, which the server may have accepted by then. */
const resetConnecting: AbuseCase = {
  name: "rst-connecting",
  abuse: "each client connects and resets before the server has accepted it: that is held meanwhile (SIGSTOP)",
  size: SIZE,
  server: {},
  bounds: (size) => bounds({ memoryMiB: 48, cpuSeconds: 0.3 + size * 0.003 }),
  run: async (stage) => {
    const before = await stage.report();
    for (let begun = 0; begun < stage.size; begun += WAVE) {
      await resetUnaccepted(stage);
      await stage.report(); // It has had its turn.
    }
    const { accepted } = await stage.report();
    stage.state(exactly("given to onConnection all the same", 0, accepted - before.accepted));
    await expectNoneLeft(stage);
  },
};

export const resetStages: readonly AbuseCase[] = [...resetConnected, resetConnecting];

async function resetAll(stage: Stage, prepare: (socket: NodeSocket) => unknown): Promise<void> {
  await stage.clients.each(
    stage.size,
    async (socket) => {
      await prepare(socket);
      socket.resetAndDestroy();
    },
    WAVE,
  );
  await expectNoneLeft(stage);
}

async function resetUnaccepted({ subject: { pid }, port }: Stage): Promise<void> {
  process.kill(pid, "SIGSTOP");
  try {
    while (!isStopped(pid)) await pass(1);
    for (let i = 0; i < WAVE; i++) {
      const socket = Socket.open("tcp");
      // The system shakes hands by itself.
      socket.connect({ address: "127.0.0.1", port });
      socket.abort();
    }
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

async function expectNoneLeft(stage: Stage): Promise<void> {
  await stage.newcomer();
  const { open } = await stage.reportWhenAlone(LIMIT_MS);
  stage.state(exactly("connections still kept", 0, open - 1));
}

function written(socket: NodeSocket, ...chunks: readonly Buffer[]): Promise<unknown> {
  return Promise.all(chunks.map((chunk) => settles(new Promise((resolve) => socket.write(chunk, resolve)), LIMIT_MS)));
}
