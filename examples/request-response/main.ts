// Questions and answers over one connection, in any order. The first 4 bytes of a message are the question's number.
import { connect, listen, type MessageConnection } from "@p2pnet/connection";

const server = await listen({ port: 0 }, (peer) => {
  peer.onMessage = async (message) => {
    const question = Buffer.from(message.subarray(4)).toString();
    if (question === "nothing?") return; // never answered
    if (question === "slow?") await new Promise((resolve) => setTimeout(resolve, 50));
    if (peer.open) peer.send(Buffer.concat([message.subarray(0, 4), Buffer.from(`${question} yes`)]));
  };
});

/** Asks over a connection that it owns. */
class Asker {
  readonly #connection: MessageConnection;
  readonly #waiting = new Map<number, (answer: string) => void>();
  #last = 0;

  constructor(connection: MessageConnection) {
    this.#connection = connection;
    connection.onMessage = (message) => {
      const bytes = Buffer.from(message);
      this.#waiting.get(bytes.readUInt32BE(0))?.(bytes.toString("utf8", 4)); // unknown numbers came too late
    };
  }

  /** Rejects with the signal's reason, or when the connection ends. */
  async ask(question: string, signal: AbortSignal): Promise<string> {
    const number = ++this.#last;
    let reject!: (reason: Error) => void;
    const gaveUp = new Promise<never>((_, fail) => {
      reject = fail;
    });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    void this.#connection.closed.then(() => reject(new Error("the connection has ended")));
    const answer = new Promise<string>((resolve) => this.#waiting.set(number, resolve));
    const header = Buffer.alloc(4);
    header.writeUInt32BE(number);
    this.#connection.send(Buffer.concat([header, Buffer.from(question)]));
    return await Promise.race([answer, gaveUp]).finally(() => this.#waiting.delete(number));
  }
}

const connection = await connect({ host: "127.0.0.1", port: server.address.port });
const asker = new Asker(connection);
for (const question of ["slow?", "fast?", "nothing?"]) {
  asker.ask(question, AbortSignal.timeout(200)).then(console.log, (error) => {
    console.log(`${question} ${error.name}`);
    void connection.close().then(() => server.close());
  });
}
