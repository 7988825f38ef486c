import type { Talk } from "../sealed/talk.js";
import { type LoadContext, nowNs, open, type Workload } from "./context.js";

/** One says something, and everybody must hear it before the next one speaks: c/load/broadcast.c. */
export function broadcastWorkload(context: LoadContext): Workload {
  const { options, pattern, latencies } = context;
  const members: Talk[] = [];
  let said = 0;
  let saidAt = 0;
  let missing = 0;
  let allHeard: () => void = () => {};

  function listen(connection: Talk, index: number): void {
    let next = said;
    members.push(connection);
    connection.onMessage = (message) => {
      if (next === said) throw new Error(`connection ${index}: bytes that nobody sent`);
      pattern.check(message, 0, next++);
      if (context.counting) latencies.add(nowNs() - saidAt);
      if (--missing === 0) allHeard();
    };
  }

  async function sayAndWait(speaker: Talk): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      allHeard = resolve;
    });
    missing = members.length;
    saidAt = nowNs();
    speaker.send(pattern.payload(0, said++));
    await heard;
  }

  return {
    async prepare() {
      // When all who are there have heard a newcomer, the server is known to have let it in.
      for (let i = 0; i < options.connections; i++) {
        listen(await open(context, i), i);
        await sayAndWait(members[i]!);
      }
    },
    async run(seconds) {
      const start = nowNs();
      while (nowNs() < start + seconds * 1e9) await sayAndWait(members[said % members.length]!);
      return nowNs() - start;
    },
  };
}
