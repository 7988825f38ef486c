import { type AbuseCase, bounds } from "../abuse-case.js";
import { atMost, endedWith } from "../finding.js";
import { header } from "../frames.js";
import { gone } from "../raw-clients.js";

const PROMISED_BYTES = 1024 * 1024;
const FRAME_TIMEOUT_MS = 1_000;
/** With this rate the promised length adds 500 ms. */
const MIN_FRAME_RATE = 2 * 1024 * 1024;
const DEADLINE_MS = FRAME_TIMEOUT_MS + (1000 * PROMISED_BYTES) / MIN_FRAME_RATE;
const LATE_MS = 1_000;

export const promisedHeaders: AbuseCase = {
  name: "promised-headers",
  abuse: `each client sends a header that promises 1 MiB, and then nothing; frame deadline ${DEADLINE_MS} ms`,
  size: { full: 500, quick: 200 },
  connects: true,
  server: { limits: { frameTimeoutMs: FRAME_TIMEOUT_MS, minFrameRate: MIN_FRAME_RATE } },
  bounds: (size) => bounds({ memoryMiB: 16, cpuSeconds: 0.3 + size * 0.001 }),
  run: async (stage) => {
    const sockets = await stage.clients.each(stage.size, (socket) => {
      socket.write(header(PROMISED_BYTES));
      return { socket, since: performance.now() };
    });
    await stage.newcomer();
    const times = await Promise.all(
      sockets.map(async ({ socket, since }) =>
        (await gone(socket, DEADLINE_MS + LATE_MS)) ? performance.now() - since : Number.POSITIVE_INFINITY,
      ),
    );
    const { ends } = await stage.report();
    stage.state(
      endedWith("ERR_FRAME_TIMEOUT", stage.size, ends),
      atMost("the last one is ended after", DEADLINE_MS + LATE_MS, Math.max(...times), "ms"),
    );
  },
};
