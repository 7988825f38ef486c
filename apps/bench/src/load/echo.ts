import type { Talk } from "../sealed/talk.js";
import { greet, type LoadContext, nowNs, open, type Workload } from "./context.js";

/** Each connection keeps `depth` messages under way: c/load/echo.c. */
export function echoWorkload(context: LoadContext): Workload {
  const { options, pattern, latencies } = context;
  let sending = false;
  let underWay = 0;
  let lastEchoAt = 0;
  let quiet: () => void = () => {};

  class Client {
    readonly #connection: Talk;
    readonly #index: number;
    readonly #sentAt: number[] = new Array(options.depth).fill(0);
    #sent = 0;
    #received = 0;

    constructor(connection: Talk, index: number) {
      this.#connection = connection;
      this.#index = index;
      connection.onMessage = (message) => this.#heard(message);
    }

    sendMore(): void {
      const now = nowNs();
      while (sending && this.#sent - this.#received < options.depth) {
        this.#sentAt[this.#sent % options.depth] = now;
        this.#connection.send(pattern.payload(this.#index, this.#sent++));
        underWay++;
      }
    }

    #heard(message: Uint8Array): void {
      if (this.#received === this.#sent) throw new Error(`connection ${this.#index}: bytes that nobody sent`);
      pattern.check(message, this.#index, this.#received);
      lastEchoAt = nowNs();
      if (context.counting) latencies.add(lastEchoAt - this.#sentAt[this.#received % options.depth]!);
      this.#received++;
      underWay--;
      this.sendMore();
      if (underWay === 0 && !sending) quiet();
    }
  }

  const clients: Client[] = [];
  return {
    async prepare() {
      for (let i = 0; i < options.connections; i++) {
        const connection = await open(context, i);
        await greet(context, connection, i);
        clients.push(new Client(connection, i));
      }
    },
    async run(seconds) {
      const start = nowNs();
      sending = true;
      for (const client of clients) client.sendMore();
      await new Promise<void>((resolve) => {
        quiet = resolve;
        setTimeout(() => {
          sending = false;
          if (underWay === 0) resolve();
        }, seconds * 1000);
      });
      return lastEchoAt - start;
    },
  };
}
