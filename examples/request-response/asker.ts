import type { MessageConnection } from "@p2pnet/connection";

/** Asks over a connection that it owns. The first 4 bytes of a message are the question's number. */
export class Asker {
  readonly #connection: MessageConnection;
  readonly #waiting = new Map<number, { resolve(answer: string): void; reject(reason: unknown): void }>();
  #last = 0;

  constructor(connection: MessageConnection) {
    this.#connection = connection;
    connection.onMessage = (message) => {
      if (message.length < 4) return connection.abort(new Error(`answer: expected 4 bytes, got ${message.length}`));
      const bytes = Buffer.from(message);
      this.#waiting.get(bytes.readUInt32BE(0))?.resolve(bytes.toString("utf8", 4)); // unknown numbers came too late
    };
    connection.onClose = (error = new Error("the connection has ended")) => {
      for (const { reject } of this.#waiting.values()) reject(error);
    };
  }

  /** Rejects with the signal's reason, or when the connection ends. Leaves nothing behind once it is settled. */
  async ask(question: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const number = ++this.#last;
    const message = Buffer.from(`....${question}`);
    message.writeUInt32BE(number); // in place of the dots
    let giveUp = () => {};
    const answer = new Promise<string>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      giveUp = () => reject(signal.reason);
      signal.addEventListener("abort", giveUp);
      this.#connection.send(message); // what it throws rejects
    });
    return await answer.finally(() => {
      this.#waiting.delete(number);
      signal.removeEventListener("abort", giveUp);
    });
  }
}
