import { type AbuseCase, bounds } from "../abuse-case.js";
import { endedWith, exactly } from "../finding.js";

const IDLE_TIMEOUT_MS = 1_000;
const LIMIT_MS = 2_000;

export const halfOpenPeers: AbuseCase = {
  name: "half-open-peers",
  abuse: `clients connect and never say a word, as after a lost route; idle deadline ${IDLE_TIMEOUT_MS} ms`,
  size: { full: 1_000, quick: 200 },
  connects: true,
  server: { limits: { idleTimeoutMs: IDLE_TIMEOUT_MS } },
  bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.001 }),
  run: async (stage) => {
    await stage.clients.each(stage.size, () => {});
    await stage.newcomer();
    const { ends, open } = await stage.reportWhenAlone(LIMIT_MS);
    stage.state(endedWith("ERR_IDLE_TIMEOUT", stage.size, ends));
    stage.state(exactly("connections still kept", 0, open - 1));
  },
};
