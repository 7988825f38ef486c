import { connectTalk } from "../sealed/connect-talk.js";
import { type LoadContext, nowNs, type Workload } from "./context.js";

/** Each place connects, exchanges one message, closes and begins again: c/load/churn.c. */
export function churnWorkload(context: LoadContext): Workload {
  const { options, loop, pattern, latencies } = context;
  let opened = 0;

  async function comeAndGo(place: number): Promise<void> {
    const message = opened++;
    const start = nowNs();
    const connection = await connectTalk(options, loop);
    await new Promise<void>((resolve, reject) => {
      connection.onClose = () => reject(new Error(`connection ${place}: closed by the server instead of an echo`));
      connection.onMessage = (echo) => {
        pattern.check(echo, place, message);
        resolve();
      };
      connection.send(pattern.payload(place, message));
    });
    connection.onClose = null;
    await connection.close();
    if (context.counting) latencies.add(nowNs() - start);
  }

  return {
    prepare: async () => {},
    async run(seconds) {
      const start = nowNs();
      const end = start + seconds * 1e9;
      const places = Array.from({ length: options.connections }, async (_, place) => {
        while (nowNs() < end) await comeAndGo(place);
      });
      await Promise.all(places);
      return nowNs() - start;
    },
  };
}
