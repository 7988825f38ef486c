import type { Socket } from "node:net";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { atLeast, exactly } from "../finding.js";
import { patternedFrame } from "../frames.js";
import { readBytes } from "../raw-clients.js";
import { pass } from "../stage.js";

const DESCRIPTORS = 128;
const LIMIT_MS = 6_000;
const STAND_MS = 1_000;

export const descriptorExhaustion: AbuseCase = {
  name: "descriptor-exhaustion",
  abuse: `more clients connect than a server with ${DESCRIPTORS} descriptors can take; then they leave one by one, once served`,
  size: { full: 500, quick: 200 },
  descriptors: DESCRIPTORS,
  server: {},
  bounds: (size) => bounds({ cpuSeconds: 0.3 + size * 0.001 }),
  run: async (stage) => {
    const hello = patternedFrame(32);
    const served = new Set<Socket>();
    const sockets = await stage.clients.each(stage.size, (socket) => {
      socket.write(hello);
      return socket;
    });
    const waiting = sockets.map(async (socket) => {
      const echo = await readBytes(socket, hello.length, LIMIT_MS).catch(() => null);
      if (echo?.equals(hello)) served.add(socket);
    });
    // Its descriptors are in use by now: who is connected is served, who is not waits, and nobody spins.
    await stage.standStill(STAND_MS, 10);
    const atOnce = served.size;
    const { acceptErrors } = await stage.report();
    stage.state(atLeast("served at once", DESCRIPTORS / 2, atOnce), {
      ...atLeast("EMFILE was told", 1, acceptErrors["EMFILE"] ?? 0),
      oursOnly: true,
    });
    const end = performance.now() + LIMIT_MS;
    while (served.size < sockets.length && performance.now() < end) {
      for (const socket of served) socket.destroy();
      await pass(20);
    }
    stage.state(exactly("served in the end", sockets.length, served.size));
    for (const socket of sockets) socket.destroy();
    await Promise.all(waiting);
  },
};
