import type { MessagePort } from "node:worker_threads";

/** Bytes that may wait for a worker. One that is so far behind does not get the message. */
const MAX_WAITING_BYTES: number = 64 * 1024 * 1024;
/** What a message takes besides its bytes, about. */
const OVERHEAD_BYTES = 128;
/** From here on it is cheaper to share a message than to copy it for each. */
const SHARED_FROM_BYTES = 16_384;

/** A message on its way to the clients of another worker. */
interface Posted {
  readonly message: Uint8Array;
  readonly skipSlow: boolean;
}

/** Hands messages to the other workers of a server, each once and in order, and takes theirs. */
export class WorkerBroadcasts {
  readonly #index: number;
  readonly #waiting: Int32Array;
  readonly #onMessage: (message: Uint8Array, skipSlow: boolean) => void;
  readonly #others = new Map<MessagePort, number>();

  /** @param waiting Int32: for each worker the bytes that it has not heard yet */
  constructor(index: number, waiting: SharedArrayBuffer, onMessage: (message: Uint8Array, skipSlow: boolean) => void) {
    this.#index = index;
    this.#waiting = new Int32Array(waiting);
    this.#onMessage = onMessage;
    // What waited for a worker that has died in this place was dropped with it.
    Atomics.store(this.#waiting, index, 0);
  }

  /** @param port to the worker with that index */
  connect(index: number, port: MessagePort): void {
    this.#others.set(port, index);
    port.on("message", ({ message, skipSlow }: Posted) => {
      Atomics.sub(this.#waiting, this.#index, costOf(message));
      this.#onMessage(message, skipSlow);
    });
    port.on("close", () => this.#others.delete(port));
    // Connections keep the thread running, and who has none needs no messages.
    port.unref();
  }

  /** `message` may change as soon as this returns. How many workers have missed it. */
  post(message: Uint8Array, skipSlow: boolean): number {
    const cost = costOf(message);
    const posted: Posted = { message: clonable(message), skipSlow };
    let missed = 0;
    for (const [port, index] of this.#others) {
      if (Atomics.load(this.#waiting, index) + cost > MAX_WAITING_BYTES) missed++;
      else {
        Atomics.add(this.#waiting, index, cost);
        port.postMessage(posted);
      }
    }
    return missed;
  }

  close(): void {
    for (const port of this.#others.keys()) port.close();
  }
}

function costOf(message: Uint8Array): number {
  return message.length + OVERHEAD_BYTES;
}

/** A view would take all of its buffer along. */
function clonable(message: Uint8Array): Uint8Array {
  if (message.length < SHARED_FROM_BYTES) return message.slice();
  const shared = new Uint8Array(new SharedArrayBuffer(message.length));
  shared.set(message);
  return shared;
}
