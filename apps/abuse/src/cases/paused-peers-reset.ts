import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { settles } from "../raw-clients.js";

const LIMIT_MS = 5_000;
const UNREAD_BYTES = 65_536;
const STAND_MS = 1_000;

export const pausedPeersReset: AbuseCase = {
  name: "paused-peers-reset",
  abuse: "the server has paused reading from clients, which send 64 KiB more and reset; a second later it lets them go",
  size: { full: 500, quick: 100 },
  connects: true,
  server: { behaviour: "pause" },
  bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.001 }),
  run: async (stage) => {
    const sockets = await stage.clients.each(stage.size, (socket) => {
      socket.write(patternedFrame(32));
      return socket;
    });
    const { held } = await stage.reportWhen((report) => report.held === stage.size, LIMIT_MS);
    stage.state(exactly("paused", stage.size, held));
    const more = patternedFrame(UNREAD_BYTES);
    await Promise.all(
      sockets.map(async (socket) => {
        await settles(new Promise((resolve) => socket.write(more, resolve)), LIMIT_MS);
        socket.resetAndDestroy();
      }),
    );
    // A socket that was reset is readable, writable and in error for ever: whoever watches it for nothing spins.
    await stage.standStill(STAND_MS, 10);
    await stage.subject.ask("release");
    const { open } = await stage.reportWhenAlone(LIMIT_MS);
    stage.state(exactly("left after they were let go", 1, open));
  },
};
