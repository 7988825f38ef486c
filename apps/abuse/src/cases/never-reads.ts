import { type AbuseCase, bounds } from "../abuse-case.js";
import { endedWith, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import type { Stage } from "../stage.js";

const MIB = 1024 * 1024;
const SENT_MIB = 256;
const WRITE_TIMEOUT_MS = 1_000;
const LIMIT_MS = 3_000;

/** The sender heeds nothing: the cap of 4 MiB is what holds. */
export const neverReads: AbuseCase = {
  name: "never-reads",
  abuse: `the server sends ${SENT_MIB} MiB to a client that reads nothing, and heeds nothing that send says`,
  size: { full: 4, quick: 1 },
  server: { behaviour: "push", sends: SENT_MIB * MIB, limits: { maxQueuedBytes: 4 * MIB } },
  bounds: (size) => bounds({ memoryMiB: 24 + 6 * size, cpuSeconds: 0.5 }),
  run: (stage) => beDeaf(stage, "ERR_SLOW_PEER"),
};

/** The sender waits for `onDrain`: the queue stays at the high-water mark, and the write deadline ends it. */
export const neverReadsBackpressure: AbuseCase = {
  name: "never-reads-backpressure",
  abuse: `the same, from a sender that pauses when send says false; write deadline ${WRITE_TIMEOUT_MS} ms`,
  size: { full: 20, quick: 4 },
  server: { behaviour: "pushPolitely", sends: SENT_MIB * MIB, limits: { writeTimeoutMs: WRITE_TIMEOUT_MS } },
  bounds: (size) => bounds({ memoryMiB: 32 + 1.5 * size, cpuSeconds: 0.5 + size * 0.04 }),
  run: (stage) => beDeaf(stage, "ERR_WRITE_TIMEOUT"),
};

async function beDeaf(stage: Stage, code: string): Promise<void> {
  await stage.clients.each(stage.size, (socket) => {
    socket.write(patternedFrame(32));
  });
  const { ends, open } = await stage.reportWhen((report) => (report.ends[code] ?? 0) === stage.size, LIMIT_MS);
  stage.state(endedWith(code, stage.size, ends));
  stage.state(exactly("connections still kept", 0, open - 1));
}
