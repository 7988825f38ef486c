import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { readBytes } from "../raw-clients.js";

const LIMIT_MS = 5_000;
/** Three times what the server delivers in a turn (`maxFramesPerTurn`), and no more than it reads at once. */
const FRAMES = 3 * 4_096;
const FRAME: Buffer = patternedFrame(1);

export const tinyFramesThenReset: AbuseCase = {
  name: "tiny-frames-then-reset",
  abuse: `each client sends ${FRAMES} messages of 1 byte in one write, and resets at the first echo: most are still to be answered`,
  size: { full: 500, quick: 50 },
  server: {},
  bounds: (size) => bounds({ memoryMiB: 64, cpuSeconds: 0.5 + size * 0.02 }),
  run: async (stage) => {
    const frames = Buffer.concat(Array.from({ length: FRAMES }, () => FRAME));
    let unanswered = 0;
    await stage.clients.each(
      stage.size,
      async (socket) => {
        socket.write(frames);
        const echo = await readBytes(socket, FRAME.length, LIMIT_MS).catch(() => null);
        if (!echo?.subarray(0, FRAME.length).equals(FRAME)) unanswered++;
        socket.resetAndDestroy();
      },
      25,
    );
    await stage.newcomer();
    const { open, uncaught } = await stage.reportWhenAlone(LIMIT_MS);
    stage.state(
      exactly("clients without an echo", 0, unanswered),
      exactly("exceptions told as uncaught", 0, uncaught),
      exactly("connections still kept", 0, open - 1),
    );
  },
};
