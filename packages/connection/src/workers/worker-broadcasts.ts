import { BroadcastChannel } from "node:worker_threads";

/** Bytes that may wait for a worker. One that is so far behind does not get the message. */
export const MAX_WAITING_BYTES: number = 64 * 1024 * 1024;
/** What a message takes besides its bytes, about. */
const OVERHEAD_BYTES = 128;

/** A message on its way to the clients of all workers but its own. */
interface Posted {
  readonly message: Uint8Array;
  readonly skipSlow: boolean;
  /** Workers that are too far behind to get it. */
  readonly missed: readonly number[];
}

/** Hands messages to the other workers of a server, each once and in the order of their sender, and takes theirs. */
export class WorkerBroadcasts {
  readonly #channel: BroadcastChannel;
  readonly #index: number;
  readonly #waiting: Int32Array;

  constructor(
    { channel, index, waiting }: { channel: string; index: number; waiting: SharedArrayBuffer },
    onMessage: (message: Uint8Array, skipSlow: boolean) => void,
  ) {
    this.#index = index;
    this.#waiting = new Int32Array(waiting);
    this.#channel = new BroadcastChannel(channel);
    // The connections keep the thread going, and who has none needs no messages.
    this.#channel.unref();
    // What waited for a worker that has died in this place was dropped with it.
    Atomics.store(this.#waiting, index, 0);
    this.#channel.onmessage = (event: unknown) => {
      const { message, skipSlow, missed } = (event as { data: Posted }).data;
      if (missed.includes(index)) return;
      Atomics.sub(this.#waiting, index, costOf(message));
      onMessage(message, skipSlow);
    };
  }

  /** `message` may change as soon as this returns. How many workers have missed it. */
  post(message: Uint8Array, skipSlow: boolean): number {
    const cost = costOf(message);
    const missed: number[] = [];
    for (let other = 0; other < this.#waiting.length; other++) {
      if (other === this.#index) continue;
      if (Atomics.load(this.#waiting, other) + cost > MAX_WAITING_BYTES) missed.push(other);
      else Atomics.add(this.#waiting, other, cost);
    }
    // A view would take all of its buffer along.
    const whole = message.length === message.buffer.byteLength ? message : message.slice();
    this.#channel.postMessage({ message: whole, skipSlow, missed } satisfies Posted);
    return missed.length;
  }

  close(): void {
    this.#channel.close();
  }
}

function costOf(message: Uint8Array): number {
  return message.length + OVERHEAD_BYTES;
}
