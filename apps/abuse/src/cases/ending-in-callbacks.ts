import { type AbuseCase, bounds } from "../abuse-case.js";
import { atLeast, exactly } from "../finding.js";
import { frame, patterned } from "../frames.js";
import { gone } from "../raw-clients.js";
import { pass } from "../stage.js";
import { CALLBACKS, WAYS } from "../subject/end-in-callbacks.js";

const MESSAGES = 200;
const LIMIT_MS = 10_000;
const SILENT_MS = 50;

export const endingInCallbacks: AbuseCase = {
  name: "ending-in-callbacks",
  abuse: `the server calls close() or abort() from within one of its callbacks, while clients send ${MESSAGES} messages each`,
  size: { full: 1_000, quick: 200 },
  server: { behaviour: "endInCallbacks", limits: { maxQueuedBytes: 16 * 1024 * 1024 } },
  bounds: (size) => bounds({ memoryMiB: 64, cpuSeconds: 0.3 + size * 0.003 }),
  run: async (stage) => {
    const load = Buffer.concat(Array.from({ length: MESSAGES }, () => frame(patterned(100))));
    const before = await stage.report();
    await stage.clients.each(
      stage.size,
      async (socket) => {
        socket.write(load);
        // It reads late, so that the server has to wait, and ends late, so that other callbacks come before onEnd.
        await pass(SILENT_MS);
        socket.resume();
        await pass(SILENT_MS);
        socket.end();
        await gone(socket, LIMIT_MS);
      },
      50,
    );
    const { ends, endedFrom, afterClose, accepted } = await stage.reportWhenAlone(LIMIT_MS);
    const told = sum(ends) - sum(before.ends);
    const fewest = CALLBACKS.flatMap((callback) => WAYS.map((way) => endedFrom[`${callback}, ${way}`] ?? 0));
    stage.state(
      exactly("onClose told", accepted - before.accepted, told),
      exactly("callbacks after onClose", 0, afterClose),
      atLeast("times that the rarest callback ended one", 1, Math.min(...fewest)),
    );
  },
};

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
