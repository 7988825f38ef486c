import { EventEmitter, once } from "node:events";
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  type WorkerOptions,
} from "node:worker_threads";
import type { SocketAddress } from "@p2pnet/socket";
import { ConnectionError, MAX_TIMEOUT_MS } from "../errors.js";
import { NO_STATS, type ServerStats } from "../server-stats.js";
import type { Handed } from "../transports/handed.js";
import { type FromWorker, type PeerPort, type ToWorker, WORKER_START, type WorkerStart } from "./worker-messages.js";

/** Longest wait for what a thread does at once unless it is stuck: to answer, and to end. */
const STUCK_MS = 1_000;

/** Where a worker listens. */
export interface WorkerPlace {
  readonly address: SocketAddress;
  /** It shares the address with nobody. */
  readonly alone: boolean;
}

/** How a thread has come to its end. */
export interface WorkerEnd {
  readonly error: ConnectionError;
  /** It has reset its connections and listens no more. */
  readonly clean: boolean;
}

/** A worker as its parent sees it. */
export class WorkerThread {
  /** Where it listens. Rejects with `ERR_WORKER_FAILED` if it ends before. */
  readonly listening: Promise<WorkerPlace>;
  /** Never rejects. */
  readonly ended: Promise<WorkerEnd>;
  /** What it has counted, as it said last. */
  stats: ServerStats = NO_STATS;
  readonly #index: number;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  /** What it tells, by its kind. */
  readonly #told = new EventEmitter().setMaxListeners(0);
  readonly #startTimer: NodeJS.Timeout;
  readonly #onOffer: (offer: Handed) => void;
  #listens = false;
  #clean = false;
  #error: unknown;

  /**
   * @param startTimeoutMs for it to listen; else it is terminated
   * @param onOffer told when it wants to be handed connections; before `ended` in any case
   */
  constructor(
    url: URL,
    start: Omit<WorkerStart, "control">,
    startTimeoutMs: number,
    options: WorkerOptions,
    onOffer: (offer: Handed) => void,
  ) {
    this.#onOffer = onOffer;
    const { port1, port2 } = new MessageChannel();
    const workerData = { [WORKER_START]: { ...start, control: port2 } };
    const transferList = [port2, ...start.peers.map(({ port }) => port)];
    this.#index = start.index;
    this.#port = port1;
    this.#worker = new Worker(url, { ...options, workerData, transferList });
    port1.on("message", (message: FromWorker) => this.#take(message));
    this.#worker.on("error", (error) => {
      this.#error = error;
    });
    this.ended = new Promise((resolve) => {
      this.#worker.on("exit", (code) => resolve(this.#end(code)));
    });
    this.listening = new Promise((resolve, reject) => {
      this.#told.once("listening", resolve);
      void this.ended.then(({ error }) => reject(error));
    });
    this.listening.catch(() => {}); // `ended` tells, too.
    this.#startTimer = setTimeout(() => {
      this.#error = new Error(`no address within ${startTimeoutMs} ms`);
      void this.#worker.terminate();
    }, startTimeoutMs);
  }

  /** Joins it to another worker. */
  meet(peer: PeerPort): void {
    this.#post({ kind: "peer", peer }, [peer.port]);
  }

  /** What it counts now; what it has said last if it is stuck, or gone. */
  async ask(): Promise<ServerStats> {
    if (this.#listens) {
      const told = once(this.#told, "stats");
      this.#post({ kind: "stats" });
      await within(STUCK_MS, Promise.race([told, this.ended]));
    }
    return this.stats;
  }

  /**
   * Lets it drain and end. How many connections it has cut, or null if it was stuck and had to be terminated: then its
   * sockets are left to the process.
   */
  async close(deadlineMs: number): Promise<number | null> {
    const drained = once(this.#told, "closed");
    this.#post({ kind: "close", deadlineMs });
    await within(Math.min(deadlineMs + STUCK_MS, MAX_TIMEOUT_MS), Promise.race([drained, this.ended]));
    if ((await within(STUCK_MS, this.ended)) !== undefined) return this.stats.cut;
    await this.#worker.terminate();
    await this.ended;
    return this.#clean ? this.stats.cut : null;
  }

  #post(message: ToWorker, transferList: MessagePort[] = []): void {
    this.#port.postMessage(message, transferList);
  }

  #take(message: FromWorker): void {
    if (message.kind === "listening") {
      this.#listens = true;
      clearTimeout(this.#startTimer);
    } else if (message.kind === "offer") {
      this.#onOffer(message.offer);
    } else {
      this.stats = message.stats;
      if (message.kind !== "stats") this.#clean = true;
    }
    this.#told.emit(message.kind, message);
  }

  #end(code: number): WorkerEnd {
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port)) {
      this.#take(last.message as FromWorker);
    }
    clearTimeout(this.#startTimer);
    this.#port.close();
    this.#listens = false;
    const [got, cause] =
      this.#error === undefined ? [`its end with code ${code}`, {}] : [String(this.#error), { cause: this.#error }];
    const message = `worker ${this.#index}: expected it to serve, got ${got}`;
    return { error: new ConnectionError("ERR_WORKER_FAILED", message, cause), clean: this.#clean };
  }
}

/** What `promise` gives, or undefined if that takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
