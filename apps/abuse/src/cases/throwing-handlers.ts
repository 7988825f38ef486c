import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { readBytes } from "../raw-clients.js";

/** The handler throws at messages of an odd length. */
const BAD = patternedFrame(33);
const GOOD = patternedFrame(32);
const ROUNDS = 20;
const LIMIT_MS = 2_000;

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
