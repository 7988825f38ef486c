import { type AbuseCase, bounds } from "../abuse-case.js";
import { atLeast, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { gone, readBytes } from "../raw-clients.js";
import { pass } from "../stage.js";
import { THROWING_CALLBACKS } from "../subject/throw-in-callbacks.js";

/** The handler throws at messages of an odd length. */
const BAD = patternedFrame(33);
const GOOD = patternedFrame(32);
const ROUNDS = 20;
const LIMIT_MS = 2_000;
/** With the ping, one less than there may be. */
const AT_ONCE = 50;
const MAX_CONNECTIONS = AT_ONCE + 2;
const SILENT_MS = 50;
const READS_MS = 200;

export const throwingHandlers: AbuseCase = {
  name: "throwing-handlers",
  abuse: `the server's handler throws at ${ROUNDS} messages of every second client, each sent in one write with a good one`,
  size: { full: 200, quick: 50 },
  connects: true,
  throws: true,
  server: { behaviour: "throwAtOdd" },
  bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.005 }),
  run: async (stage) => {
    let served = 0;
    await stage.clients.each(stage.size, async (socket, index) => {
      const throws = index % 2 === 0;
      const writes = throws ? Buffer.concat([BAD, GOOD]) : GOOD;
      for (let round = 0; round < ROUNDS; round++) {
        socket.write(writes);
        const echo = await readBytes(socket, GOOD.length, LIMIT_MS).catch(() => null);
        if (!echo?.equals(GOOD)) return;
        served++;
      }
    });
    const throwers = Math.ceil(stage.size / 2);
    // They are thrown on a stack of their own, a moment after the messages behind them were echoed.
    const { uncaught, open } = await stage.reportWhen((report) => report.uncaught === throwers * ROUNDS, LIMIT_MS);
    stage.state(
      exactly("exceptions told as uncaught", throwers * ROUNDS, uncaught),
      exactly("good messages echoed", stage.size * ROUNDS, served),
      exactly("connections that stay", stage.size + 1, open),
    );
  },
};

export const throwingCallbacks: AbuseCase = {
  name: "throwing-callbacks",
  abuse: `the server throws from within one of its callbacks for each client: ${THROWING_CALLBACKS.join(", ")}; and from onError for each that it turns away`,
  size: { full: 500, quick: 100 },
  throws: true,
  server: {
    behaviour: "throwInCallbacks",
    limits: { maxQueuedBytes: 16 * 1024 * 1024, maxConnections: MAX_CONNECTIONS },
  },
  bounds: (size) => bounds({ memoryMiB: 64, cpuSeconds: 0.5 + size * 0.008 }),
  run: async (stage) => {
    const { accepted, ends } = await stage.report();
    await stage.clients.each(
      stage.size,
      async (socket) => {
        socket.write(GOOD);
        // It reads late, so that there is a drain, and ends late, so that other callbacks come before onEnd.
        await pass(SILENT_MS);
        socket.resume();
        await pass(READS_MS);
        socket.end();
        await gone(socket, LIMIT_MS);
      },
      AT_ONCE,
    );
    const after = await stage.reportWhenAlone(LIMIT_MS);
    // They stay, so that there is no room for some of them.
    await stage.clients.each(3 * MAX_CONNECTIONS, () => {});
    const full = await stage.reportWhen(
      ({ thrownFrom, uncaught }) => (thrownFrom["onError"] ?? 0) > 0 && sum(thrownFrom) === uncaught,
      LIMIT_MS,
    );
    const rarest = Math.min(...THROWING_CALLBACKS.map((callback) => full.thrownFrom[callback] ?? 0));
    stage.state(
      exactly("exceptions told as uncaught", sum(full.thrownFrom), full.uncaught),
      exactly("onClose told", after.accepted - accepted, sum(after.ends) - sum(ends)),
      atLeast("times that the rarest callback threw", 1, rarest),
      { ...atLeast("times that onError threw", 1, full.thrownFrom["onError"] ?? 0), oursOnly: true },
    );
  },
};

type Counts = Readonly<Record<string, number>>;

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
