import { type AbuseCase, bounds } from "../abuse-case.js";
import { endedWith, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { readToEnd } from "../raw-clients.js";

const MESSAGE_BYTES = 65_536;
const WRITE_TIMEOUT_MS = 1_000;
const LIMIT_MS = 3_000;
const READ_LIMIT_MS = 10_000;

/** More than the buffers of the system hold between two programs of one machine. */
const UNREAD_MESSAGES = 256;
const READ_MESSAGES = 32;

export const halfClosedSilent: AbuseCase = {
  name: "half-closed-never-reads",
  abuse: `clients send 16 MiB and their end, and read no echo; write deadline ${WRITE_TIMEOUT_MS} ms`,
  size: { full: 20, quick: 5 },
  server: { limits: { writeTimeoutMs: WRITE_TIMEOUT_MS, drainTimeoutMs: WRITE_TIMEOUT_MS } },
  bounds: (size) => bounds({ memoryMiB: 48 + size, cpuSeconds: 0.3 + size * 0.06 }),
  run: async (stage) => {
    const message = patternedFrame(MESSAGE_BYTES);
    await stage.clients.each(stage.size, (socket) => {
      for (let i = 0; i < UNREAD_MESSAGES; i++) socket.write(message);
      socket.end();
    });
    const { ends, open } = await stage.reportWhenAlone(LIMIT_MS);
    stage.state(endedWith("ERR_WRITE_TIMEOUT", stage.size, ends));
    stage.state(exactly("connections still kept", 0, open - 1));
  },
};

export const halfClosedReading: AbuseCase = {
  name: "half-closed-still-reads",
  abuse: "clients send 2 MiB and their end, and then read every echo",
  size: { full: 100, quick: 20 },
  server: {},
  bounds: (size) => bounds({ memoryMiB: 64, cpuSeconds: 0.3 + size * 0.02 }),
  run: async (stage) => {
    const message = patternedFrame(MESSAGE_BYTES);
    const expected = Buffer.concat(Array.from({ length: READ_MESSAGES }, () => message));
    const echoes = await stage.clients.each(
      stage.size,
      async (socket) => {
        socket.end(expected);
        return readToEnd(socket, READ_LIMIT_MS);
      },
      10,
    );
    const lost = echoes.filter(({ bytes, clean }) => !clean || !bytes.equals(expected)).length;
    stage.state(exactly("clients that got less than all, or a reset", 0, lost));
  },
};
