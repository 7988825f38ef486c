import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Socket } from "@p2pnet/socket";
import { type AbuseCase, bounds } from "../abuse-case.js";
import { exactly } from "../finding.js";
import type { Stage } from "../stage.js";
import type { AbortOutcomes, AbortTargets } from "../subject/abort-everywhere.js";

const ANSWER_MS = 90_000;

export const abortAtEveryAwait: AbuseCase = {
  name: "abort-at-every-await",
  abuse:
    "the server's program connects elsewhere, and aborts wherever that waits: resolve, connect, handshake, next(), drained(), close()",
  size: { full: 20, quick: 4 },
  server: {},
  bounds: (size) => bounds({ memoryMiB: 64, cpuSeconds: 0.5 + size * 0.1 }),
  run: async (stage) => {
    const before = await stage.report();
    const outcomes = await abortAtTargets(stage);
    const after = await stage.reportWhen(({ timers }) => timers <= before.timers, 5_000);
    for (const [place, { astray }] of Object.entries(outcomes)) {
      stage.state(exactly(`given up at ${place}, and not settled`, 0, astray));
    }
    stage.state(exactly("timers that are left", 0, after.timers - before.timers));
    stage.state(exactly("sockets that are left on the loop", 0, after.watched - before.watched));
  },
};

async function abortAtTargets(stage: Stage): Promise<AbortOutcomes> {
  const silent = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => {});
  });
  silent.listen({ host: "127.0.0.1", port: 0 });
  await once(silent, "listening");
  const full = fullListener();
  try {
    const targets: AbortTargets = {
      silent: (silent.address() as AddressInfo).port,
      unanswering: full.port,
      rounds: stage.size,
    };
    return await stage.subject.ask<AbortOutcomes>("abortEverywhere", targets, ANSWER_MS);
  } finally {
    full.close();
    silent.close();
  }
}

/** A port whose queue is full, so that the system drops who else would connect: listen(2). */
function fullListener(): { readonly port: number; close(): void } {
  const listener = Socket.open("tcp");
  listener.bind({ address: "127.0.0.1", port: 0 });
  listener.listen(0);
  const { port } = listener.localAddress;
  const queued = Array.from({ length: 3 }, () => {
    const socket = Socket.open("tcp");
    socket.connect({ address: "127.0.0.1", port });
    return socket;
  });
  return {
    port,
    close: () => {
      for (const socket of [listener, ...queued]) socket.close();
    },
  };
}
