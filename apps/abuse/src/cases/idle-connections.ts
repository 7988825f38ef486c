import { type AbuseCase, bounds } from "../abuse-case.js";
import { atLeast, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { readBytes } from "../raw-clients.js";
import type { Stage } from "../stage.js";

const BUSY = 10;
const BUSY_MS = 2_000;
const LIMIT_MS = 5_000;

export const idleConnections: AbuseCase = {
  name: "idle-connections",
  abuse: `clients connect and stay, beside ${BUSY} that echo for ${BUSY_MS / 1000} s as fast as they can`,
  size: { full: 10_000, quick: 2_000 },
  connects: true,
  server: {},
  // 8 KiB for each, and what the busy ones churn.
  bounds: (size) => bounds({ memoryMiB: 32 + size / 128, cpuSeconds: 0.5 + BUSY_MS / 900 + size * 0.0003 }),
  run: async (stage) => {
    await stage.clients.each(stage.size, () => {});
    const { open } = await stage.reportWhen((report) => report.open === stage.size + 1, LIMIT_MS);
    stage.state(exactly("connections at once", stage.size + 1, open));
    await stage.standStill(500, 15);
    const echoes = await echoBusily(stage);
    stage.state(atLeast("echoes a second of the busy ones", 2_000, (echoes / BUSY_MS) * 1000));
  },
};

/** How many came back, whole, on all connections. */
async function echoBusily({ clients }: Stage): Promise<number> {
  const message = patternedFrame(64);
  const end = performance.now() + BUSY_MS;
  const counts = await clients.each(BUSY, async (socket) => {
    let count = 0;
    while (performance.now() < end) {
      socket.write(message);
      if (!(await readBytes(socket, message.length, LIMIT_MS)).equals(message)) return 0;
      count++;
    }
    return count;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
