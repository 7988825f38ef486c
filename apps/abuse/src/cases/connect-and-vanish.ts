import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";

const LIMIT_MS = 5_000;

export const connectAndVanish: AbuseCase = {
  name: "connect-and-vanish",
  abuse: "clients connect and are gone at once, one half by FIN, the other by RST",
  size: { full: 2_000, quick: 500 },
  server: {},
  bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.0005 }),
  run: async (stage) => {
    await stage.clients.each(stage.size, (socket, index) => {
      if (index % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    });
    await stage.newcomer();
    const { open } = await stage.reportWhenAlone(LIMIT_MS);
    stage.state(exactly("connections still kept", 0, open - 1));
  },
};
