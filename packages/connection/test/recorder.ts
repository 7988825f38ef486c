import type { MessageConnection } from "../src/index.js";
import { text } from "./bytes.js";
import { until } from "./until.js";

/** A connection, of whatever build of the package. */
type AnyConnection = Pick<MessageConnection, keyof MessageConnection>;

/** Keeps what a connection tells. */
export class Recorder<C extends AnyConnection = MessageConnection> {
  readonly connection: C;
  readonly messages: Uint8Array[] = [];
  /** What `onClose` was given, once per call. */
  readonly closes: (Error | undefined)[] = [];
  ends = 0;
  drains = 0;

  constructor(connection: C) {
    this.connection = connection;
    connection.onEnd = () => {
      this.ends++;
    };
    connection.onDrain = () => {
      this.drains++;
    };
    connection.onClose = (error) => {
      this.closes.push(error);
    };
  }

  /** Attaches itself as the consumer of messages. */
  consume(onMessage?: (message: Uint8Array) => void): this {
    this.connection.onMessage = (message) => {
      this.messages.push(message);
      onMessage?.(message);
    };
    return this;
  }

  get texts(): string[] {
    return this.messages.map(text);
  }

  get length(): number {
    return this.messages.reduce((sum, message) => sum + message.length, 0);
  }

  /** The code of the error that `onClose` was given: "none" for a graceful end, undefined before the end. */
  get code(): string | undefined {
    if (this.closes.length === 0) return undefined;
    const error: NodeJS.ErrnoException | undefined = this.closes[0];
    return error === undefined ? "none" : (error.code ?? error.message);
  }

  received(count: number): Promise<void> {
    return until(`${count} messages`, () => this.messages.length >= count);
  }

  closed(): Promise<void> {
    return until("onClose", () => this.closes.length > 0);
  }
}
