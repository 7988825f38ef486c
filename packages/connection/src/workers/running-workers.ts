import { MessageChannel, type WorkerOptions } from "node:worker_threads";
import type { SocketAddress } from "@p2pnet/socket";
import { ConnectionError, expectTimeout } from "../errors.js";
import { NO_STATS, type ServerStats, sumOfStats } from "../server-stats.js";
import { throwLater } from "../throw-later.js";
import { Acceptor } from "./acceptor.js";
import type { PeerPort, Spread } from "./worker-messages.js";
import { type WorkerEnd, WorkerThread } from "./worker-thread.js";

/** So many workers may die within so many milliseconds; one more, and there is no use in another. */
const MAX_DEATHS = 5;
const DEATHS_WITHIN_MS = 10_000;

export interface WorkersSettings {
  readonly count: number;
  readonly mayBeAlone: boolean;
  readonly spread: Spread;
  readonly data: unknown;
  readonly startTimeoutMs: number;
  readonly threadOptions: WorkerOptions;
}

/** A server whose connections are spread over threads. Made by `runWorkers`. */
export class RunningWorkers implements AsyncDisposable {
  /**
   * Told `ERR_WORKER_FAILED`: a worker has died, with the error that it died of as `cause`, and was replaced; or
   * everything is being closed, as `closed` tells, because replacing does not help. If nobody is told, it is an uncaught exception.
   * With spread handles also told why accepting failed (`EMFILE`, ...): it goes on by itself, unless everything is being closed.
   */
  onError: ((error: Error) => void) | null = null;
  /** Resolves when all workers have ended, after `close` or a failure. Never rejects. */
  readonly closed: Promise<void>;
  readonly #url: URL;
  readonly #settings: WorkersSettings;
  readonly #waiting: SharedArrayBuffer;
  readonly #threads: WorkerThread[] = [];
  readonly #deaths: number[] = [];
  readonly #acceptor = new Acceptor((error) => this.#acceptFailed(error));
  #address!: SocketAddress;
  #closing: Promise<{ cut: number }> | null = null;
  #past: ServerStats = NO_STATS;
  #settleClosed!: () => void;

  /** @internal use `runWorkers` */
  constructor(url: URL, settings: WorkersSettings) {
    this.#url = url;
    this.#settings = settings;
    this.#waiting = new SharedArrayBuffer(4 * settings.count);
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  /** Where they listen. */
  get address(): SocketAddress {
    return this.#address;
  }

  /** How many workers there are. */
  get size(): number {
    return this.#threads.length;
  }

  /** @internal Resolves when all listen. @throws ConnectionError `ERR_WORKER_FAILED` */
  async start(): Promise<void> {
    const first = this.#startThread(0);
    const { address, alone } = await first.listening;
    if (this.#closing !== null) return;
    this.#address = address;
    for (let index = 1; index < this.#settings.count && !alone; index++) this.#startThread(index);
    const failed = this.#threads.map(async ({ ended }) => Promise.reject((await ended).error));
    await Promise.race([Promise.all(this.#threads.map(({ listening }) => listening)), ...failed]);
    for (const [index, thread] of this.#threads.entries()) this.#watch(index, thread);
    this.#acceptor.begin();
  }

  /** What `server.stats()` tells, of all workers together, those that are gone among them; times are of those that are there. */
  async stats(): Promise<ServerStats> {
    const asked = await Promise.all(this.#threads.map((thread) => thread.ask()));
    const sum = asked.reduce(sumOfStats, this.#past);
    // Nobody listens for a moment where the only worker is being replaced.
    return { ...sum, idleMs: Math.min(sum.idleMs, sum.ageMs) };
  }

  /**
   * Lets every worker stop listening and close its connections gracefully, as `server.close` does, and end. A thread that
   * is still running a second later is terminated. `cut` says how many connections were reset at the deadline. Closing
   * twice is allowed.
   *
   * @throws ConnectionError `ERR_OUT_OF_RANGE`
   */
  async close(options: { deadlineMs?: number } = {}): Promise<{ cut: number }> {
    const deadlineMs = expectTimeout("deadlineMs", options.deadlineMs ?? 5_000, 0);
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #startThread(index: number): WorkerThread {
    const { count, mayBeAlone, spread, data, startTimeoutMs, threadOptions } = this.#settings;
    const address = this.#address ?? null;
    const peers = this.#introduce(index);
    const start = { index, count, address, spread, mayBeAlone, data, peers, waiting: this.#waiting };
    const thread = new WorkerThread(this.#url, start, startTimeoutMs, threadOptions, (offer) => {
      this.#acceptor.add(index, offer);
    });
    void thread.ended.then(() => this.#acceptor.remove(index)).catch(throwLater);
    this.#threads[index] = thread;
    return thread;
  }

  /** Gives a new worker and each other a port to the other. */
  #introduce(newcomer: number): PeerPort[] {
    const peers: PeerPort[] = [];
    for (const [index, thread] of this.#threads.entries()) {
      if (index === newcomer) continue;
      const { port1, port2 } = new MessageChannel();
      thread.meet({ index: newcomer, port: port1 });
      peers.push({ index, port: port2 });
    }
    return peers;
  }

  #watch(index: number, thread: WorkerThread): void {
    void thread.ended.then((end) => this.#ended(index, thread, end)).catch(throwLater);
  }

  #ended(index: number, thread: WorkerThread, { error, clean }: WorkerEnd): void {
    if (this.#closing !== null) return;
    const { ageMs, idleMs } = NO_STATS;
    const gone = { ...thread.stats, connections: 0, pendingHandshakes: 0, queuedBytes: 0, ageMs, idleMs };
    this.#past = sumOfStats(this.#past, gone);
    thread.stats = NO_STATS;
    // What a thread has not closed itself is given connections that nobody looks after, until the process ends.
    if (!clean || this.#tooManyDeaths()) void this.close();
    else this.#watch(index, this.#startThread(index));
    if (this.onError === null) throw error;
    this.onError(error);
  }

  #tooManyDeaths(): boolean {
    const now = performance.now();
    this.#deaths.push(now);
    return this.#deaths.length > MAX_DEATHS && now - this.#deaths.shift()! < DEATHS_WITHIN_MS;
  }

  #acceptFailed(error: Error): void {
    const over = !this.#acceptor.listens;
    if (over) void this.close();
    if (this.onError !== null) this.onError(error);
    else if (over) throw error;
  }

  async #close(deadlineMs: number): Promise<{ cut: number }> {
    this.#acceptor.close();
    const cuts = await Promise.all(this.#threads.map((thread) => thread.close(deadlineMs)));
    this.#settleClosed();
    const stuck = cuts.indexOf(null);
    if (stuck !== -1 && this.onError !== null) {
      const message = `worker ${stuck}: expected it to close within ${deadlineMs} ms, got nothing, so it was terminated`;
      this.onError(new ConnectionError("ERR_WORKER_FAILED", message));
    }
    return { cut: cuts.reduce<number>((sum, cut) => sum + (cut ?? 0), 0) };
  }
}
