import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { readToEnd } from "../raw-clients.js";
import { pass } from "../stage.js";

const ANSWER_BYTES = 2 * 1024 * 1024;
const MESSAGE_BYTES = 65_536;
const LIMIT_MS = 10_000;
const READS_LATER_MS = 200;

export const closeWithUnreadInput: AbuseCase = {
  name: "close-with-unread-input",
  abuse: "the server answers 2 MiB and closes while clients go on sending, which read only 200 ms later",
  size: { full: 50, quick: 10 },
  server: { behaviour: "answerAndClose", sends: ANSWER_BYTES },
  // Of the 2 MiB the system takes most at once, and the server keeps the rest.
  bounds: (size) => bounds({ memoryMiB: 32 + size / 2, cpuSeconds: 0.3 + size * 0.015 }),
  run: async (stage) => {
    const frames = patternedFrame(MESSAGE_BYTES);
    const answer = Buffer.concat(Array.from({ length: ANSWER_BYTES / MESSAGE_BYTES }, () => frames));
    const answers = await stage.clients.each(stage.size, async (socket) => {
      for (let i = 0; i < 8; i++) socket.write(frames);
      await pass(READS_LATER_MS);
      return readToEnd(socket, LIMIT_MS);
    });
    const lost = answers.filter(({ bytes, clean }) => !clean || !bytes.equals(answer)).length;
    stage.state(exactly("clients that got less than all, or a reset", 0, lost));
    const missing = answers.reduce((sum, { bytes }) => sum + answer.length - bytes.length, 0);
    stage.state(exactly("bytes lost", 0, missing));
  },
};
