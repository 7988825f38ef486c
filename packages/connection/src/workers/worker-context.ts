import { isMainThread, type MessagePort, workerData } from "node:worker_threads";
import { defaultLoop } from "@p2pnet/event-loop";
import { FrameEncoder } from "@p2pnet/framing";
import { type BroadcastOptions, type BroadcastResult, broadcast } from "../broadcast.js";
import { ConnectionError } from "../errors.js";
import { type ListenOptions, listen, listenOver } from "../listen.js";
import type { ConnectionHandler, Server } from "../server.js";
import { NO_STATS } from "../server-stats.js";
import { chooseTransport, expectTransport, type TransportOptions } from "../transports/choose.js";
import { handedTransport } from "../transports/handed.js";
import { WorkerBroadcasts } from "./worker-broadcasts.js";
import { type FromWorker, type ToWorker, WORKER_START, type WorkerStart } from "./worker-messages.js";

/** What a broadcast to the clients of all workers has come to in this worker; in the others it is still to come. */
export interface WorkersBroadcastResult extends BroadcastResult {
  /** Other workers that were left out, because 64 MiB wait for them already: their threads are stuck. */
  readonly missed: number;
}

/** What a system, a runtime or a Unix path that shares no address is told by; and other things, too. */
const CANNOT_SHARE = ["ERR_INVALID_ARG_VALUE", "ENOTSUP"];

/** A worker's part in a server that `runWorkers` runs. */
export class WorkerContext<D = unknown> {
  /** From 0 on. A worker that replaces another has its index. */
  readonly index: number;
  /** How many workers there are to be. */
  readonly count: number;
  /** What `runWorkers` was given as `data`, cloned. */
  readonly data: D;
  /** Aborted when the server is to close: time to end whatever else would keep this thread running. */
  readonly signal: AbortSignal;
  readonly #start: WorkerStart;
  readonly #closing = new AbortController();
  /** For the length of a header only. */
  readonly #header = new Uint8Array(16);
  #encoder: FrameEncoder | null = null;
  readonly #broadcasts: WorkerBroadcasts;
  #server: Server | null = null;

  /** @internal use `workerContext` */
  constructor(start: WorkerStart) {
    this.#start = start;
    this.index = start.index;
    this.count = start.count;
    this.data = start.data as D;
    this.signal = this.#closing.signal;
    this.#broadcasts = new WorkerBroadcasts(start.index, start.waiting, (message, skipSlow) => {
      this.#server?.broadcast(message, { skipSlow });
    });
    for (const { index, port } of start.peers) this.#broadcasts.connect(index, port);
    start.control.on("message", (message: ToWorker) => {
      if (message.kind === "close") void this.#close(message.deadlineMs);
      else if (message.kind === "peer") this.#broadcasts.connect(message.peer.index, message.peer.port);
      else this.#tell({ kind: "stats", stats: this.#server?.stats() ?? NO_STATS });
    });
    // Only what is served keeps the thread running.
    start.control.unref();
  }

  /**
   * As `listen`, on one address for all workers, where the first one to listen has chosen the port. Once in a worker.
   *
   * @throws as `listen`; ConnectionError `ERR_WORKER_LISTENS`
   */
  async listen<P = null>(options: ListenOptions<P>, onConnection: ConnectionHandler<P>): Promise<Server<P>> {
    if (this.#encoder !== null) {
      throw new ConnectionError("ERR_WORKER_LISTENS", "listen: expected one call in a worker, got another");
    }
    this.#encoder = new FrameEncoder(options.frame);
    const signal = options.signal === undefined ? this.signal : AbortSignal.any([options.signal, this.signal]);
    const [server, alone] = await this.#listen({ ...options, signal }, onConnection);
    this.#server = server;
    process.on("exit", () => this.#gone(server));
    this.#tell({ kind: "listening", address: server.address, alone });
    return server;
  }

  /**
   * Sends one message to all clients of all workers, as `server.broadcast` does to those of one. Each worker frames it once,
   * and what one worker sends comes in order everywhere. `message` may change as soon as this returns.
   *
   * @throws as `broadcast`; ConnectionError `ERR_CONNECTION_CLOSED` unless this worker listens
   */
  broadcast(message: Uint8Array, options: BroadcastOptions = {}): WorkersBroadcastResult {
    if (this.#server === null) {
      throw new ConnectionError("ERR_CONNECTION_CLOSED", "broadcast: expected a worker that listens, got another");
    }
    const result = broadcast(this.#server.connections, message, options);
    // Without a connection here nobody has asked yet whether it can be framed.
    this.#encoder?.writeHeader(this.#header, 0, message.length);
    return { ...result, missed: this.#broadcasts.post(message, options.skipSlow ?? false) };
  }

  async #listen<P>(options: ListenOptions<P>, onConnection: ConnectionHandler<P>): Promise<[Server<P>, boolean]> {
    const { count, address, mayBeAlone } = this.#start;
    const here = address === null || options.path !== undefined ? options : { ...options, port: address.port };
    if (count === 1) return [await listen(here, onConnection), true];
    if (this.#isHanded(options)) return [await this.#listenHanded(here, onConnection), false];
    try {
      return [await listen({ ...here, reusePort: true }, onConnection), false];
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!mayBeAlone || !CANNOT_SHARE.includes(code)) throw error;
      // What else is wrong than the sharing, is wrong again.
      return [await listen(here, onConnection), true];
    }
  }

  /** Node keeps the handles of its sockets to itself, and a path is the file of one server. */
  #isHanded(options: TransportOptions & { readonly path?: string }): boolean {
    if (this.#start.spread !== "handles" || options.path !== undefined) return false;
    expectTransport(options);
    return chooseTransport(options).name === "native";
  }

  #listenHanded<P>(options: ListenOptions<P>, onConnection: ConnectionHandler<P>): Promise<Server<P>> {
    const transport = handedTransport(options.loop ?? defaultLoop(), this.#start.address, (offer) => {
      this.#tell({ kind: "offer", offer }, [offer.mailbox.port]);
    });
    return listenOver(() => transport, options, onConnection);
  }

  async #close(deadlineMs: number): Promise<void> {
    this.#closing.abort();
    const server = this.#server;
    if (server !== null) {
      await server.close({ deadlineMs });
      this.#tell({ kind: "closed", stats: server.stats() });
    }
    this.#broadcasts.close();
    this.#start.control.close();
  }

  /** What a thread's end leaves open of the system's would stay open, and be given connections, until the process ends. */
  #gone(server: Server): void {
    for (const connection of server.connections) connection.abort();
    void server.close({ deadlineMs: 0 });
    this.#tell({ kind: "gone", stats: server.stats() });
  }

  #tell(message: FromWorker, transferList: readonly MessagePort[] = []): void {
    this.#start.control.postMessage(message, transferList);
  }
}

let context: WorkerContext | null = null;

/**
 * What this thread has to do with a server of workers.
 *
 * @throws ConnectionError `ERR_NO_WORKER` in a thread that `runWorkers` has not started
 */
export function workerContext<D = unknown>(): WorkerContext<D> {
  const start = (workerData as { readonly [WORKER_START]?: WorkerStart } | null)?.[WORKER_START];
  if (isMainThread || start === undefined) {
    throw new ConnectionError("ERR_NO_WORKER", "workerContext: expected a thread of runWorkers, got another");
  }
  context ??= new WorkerContext(start);
  return context as WorkerContext<D>;
}
