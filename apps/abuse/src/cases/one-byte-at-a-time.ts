import { type AbuseCase, bounds } from "../abuse-case.js";
import { atMost, endedWith } from "../finding.js";
import { frame, patterned } from "../frames.js";
import { gone } from "../raw-clients.js";
import { pass } from "../stage.js";

const FRAME_TIMEOUT_MS = 1_000;
const BYTE_EVERY_MS = 10;
const MESSAGE_BYTES = 4_096;
/** With this rate the length adds 4 ms. */
const MIN_FRAME_RATE = 1024 * 1024;
const LATE_MS = 1_000;

export const oneByteAtATime: AbuseCase = {
  name: "one-byte-at-a-time",
  abuse: `clients send a frame byte by byte, one each ${BYTE_EVERY_MS} ms, against a frame deadline of ${FRAME_TIMEOUT_MS} ms`,
  size: { full: 200, quick: 50 },
  server: { limits: { frameTimeoutMs: FRAME_TIMEOUT_MS, minFrameRate: MIN_FRAME_RATE } },
  // A byte is a turn of its own: 100 of them from each client before the deadline.
  bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.005 }),
  run: async (stage) => {
    const bytes = frame(patterned(MESSAGE_BYTES));
    const limitMs = FRAME_TIMEOUT_MS + 2 * LATE_MS;
    const times = await stage.clients.each(stage.size, async (socket) => {
      const start = performance.now();
      const ended = gone(socket, limitMs);
      for (let at = 0; at < bytes.length && !socket.destroyed && performance.now() - start < limitMs; at++) {
        socket.write(bytes.subarray(at, at + 1));
        await pass(BYTE_EVERY_MS);
      }
      return (await ended) ? performance.now() - start : Number.POSITIVE_INFINITY;
    });
    const { ends } = await stage.report();
    stage.state(
      endedWith("ERR_FRAME_TIMEOUT", stage.size, ends),
      atMost("the last one is ended after", FRAME_TIMEOUT_MS + LATE_MS, Math.max(...times), "ms"),
    );
  },
};
