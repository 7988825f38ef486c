import type { Socket } from "@p2pnet/socket";
import { type ByteStreamHandlers, type Clock, systemClock } from "@p2pnet/stream";
import type { Backend, BackendName } from "./backend.js";
import { createBackend, surroundings } from "./backends/select.js";
import { EventLoopError } from "./errors.js";
import { BlockingHost } from "./hosts/blocking.js";
import { chooseHost } from "./hosts/choose.js";
import type { Host } from "./hosts/host.js";
import { expectInterest, type Interest, READABLE, WRITABLE } from "./interest.js";
import { Mailbox } from "./mailbox.js";
import { Reactor } from "./reactor.js";
import { type ConnectHandlers, Connector } from "./streams/connector.js";
import type { LevelTwo } from "./streams/level-two.js";
import type { Listener, ListenerHandlers } from "./streams/listener.js";
import { OVER_READINESS } from "./streams/over-readiness.js";
import type { SocketStream } from "./streams/socket-stream.js";
import { Timers } from "./timers.js";
import { Uncaught } from "./uncaught.js";
import type { ReadinessHandlers } from "./watch.js";

export interface EventLoopOptions {
  /**
   * Which system call tells who is ready. Default "auto": the environment's `P2PNET_BACKEND`, or else the fastest. A backend
   * of your own may be given instead, which then belongs to this loop alone.
   */
  readonly backend?: BackendName | "auto" | Backend;
  /**
   * The path of a library with kqueue's calls, for backend "kqueue" where the system has none. Default: the environment's
   * `P2PNET_KQUEUE_LIBRARY`.
   */
  readonly kqueueLibrary?: string;
  /** The time that timers go by. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
  /** Gets what handlers throw, after the batch. Default: Node's uncaught exception, or thrown by `runSync`. */
  readonly onUncaught?: (error: unknown) => void;
  /** Runs by itself whenever there is something to watch, as the default loop does. Default false. */
  readonly autoRun?: boolean;
}

/**
 * Tells handlers which sockets are ready (level 1), or moves bytes and connections for them (level 2: `listener`,
 * `connect`, `stream`). Level-triggered and single-threaded. Handlers may add, change, remove and close any socket, and
 * nothing is delivered to one that is gone.
 */
export class EventLoop {
  readonly timers: Timers;
  readonly #reactor: Reactor;
  readonly #levelTwo: LevelTwo;
  readonly #uncaught: Uncaught;
  readonly #autoRun: boolean;
  readonly #mailboxes = new Set<Mailbox>();
  #host: Host | null = null;
  #finish: (() => void) | null = null;
  #referenced = true;

  /** @throws EventLoopError `ERR_BACKEND_UNAVAILABLE`; KqueueUnavailableError; FfiUnavailableError */
  constructor(options: EventLoopOptions = {}) {
    this.timers = new Timers(options.clock ?? systemClock, () => this.#changed());
    this.#uncaught = new Uncaught(options.onUncaught);
    this.#autoRun = options.autoRun ?? false;
    const { backend, kqueueLibrary } = options;
    const chosen = typeof backend === "object" ? backend : createBackend(backend, surroundings(kqueueLibrary));
    this.#levelTwo = chosen.levelTwo ?? OVER_READINESS;
    this.#reactor = new Reactor(chosen, this.timers, this.#uncaught, {
      changed: () => this.#changed(),
      finished: () => this.stop(),
    });
  }

  /** The name of the backend in use. */
  get backend(): string {
    return this.#reactor.backend.name;
  }

  /** Sockets registered, those without interest included. */
  get size(): number {
    return this.#reactor.size;
  }

  get running(): boolean {
    return this.#host !== null;
  }

  /**
   * Level 1: reports when `socket` is ready. By default for whatever there is a handler for; note that a socket is
   * nearly always writable.
   *
   * @throws SocketError `ERR_SOCKET_IN_USE` if a loop watches it already, `ERR_SOCKET_CLOSED`; EventLoopError
   * `ERR_LOOP_CLOSED`, `ERR_INVALID_ARG_VALUE`; SystemError as epoll_ctl(2)
   */
  add(socket: Socket, handlers: ReadinessHandlers, interest?: Interest): void {
    const whatIsHandled = (handlers.onReadable ? READABLE : 0) | (handlers.onWritable ? WRITABLE : 0);
    this.#reactor.watch(socket, handlers, expectInterest(interest ?? whatIsHandled));
  }

  /**
   * Changes what is reported: `READABLE`, `WRITABLE`, both, or 0.
   *
   * @throws EventLoopError `ERR_SOCKET_NOT_REGISTERED`, `ERR_INVALID_ARG_VALUE`; SystemError as epoll_ctl(2)
   */
  modify(socket: Socket, interest: Interest): void {
    this.#reactor.setInterest(this.#reactor.watchOf(socket), expectInterest(interest));
  }

  /** Reports nothing any more. The socket stays open. @throws EventLoopError `ERR_SOCKET_NOT_REGISTERED` */
  remove(socket: Socket): void {
    this.#reactor.unwatch(this.#reactor.watchOf(socket));
  }

  /** Level 2: moves the bytes of a connected socket, which the stream owns from here on. With handlers it reads at once. */
  stream(socket: Socket, handlers?: ByteStreamHandlers): SocketStream {
    const stream = this.#levelTwo.stream(this.#reactor, socket);
    if (handlers !== undefined) {
      stream.start(handlers);
      stream.resume();
    }
    return stream;
  }

  /** Level 2: accepts on a listening socket, which the listener owns from here on. */
  listener(socket: Socket, handlers: ListenerHandlers): Listener {
    return this.#levelTwo.listener(this.#reactor, socket, handlers);
  }

  /** Level 2: connects, and tells how it went. @throws SystemError when the system refuses at once */
  connect(socket: Socket, address: { address: string; port: number }, handlers: ConnectHandlers): void {
    new Connector(this.#reactor, socket, address, handlers);
  }

  /**
   * Opens a mailbox, to which other threads post: `onMessage` is told what. A handler that throws loses no message.
   *
   * @throws EventLoopError `ERR_LOOP_CLOSED`; SystemError as socket(2)
   */
  mailbox(onMessage: (value: unknown) => void): Mailbox {
    const mailbox = new Mailbox(this.#reactor, onMessage, () => void this.#mailboxes.delete(mailbox));
    this.#mailboxes.add(mailbox);
    return mailbox;
  }

  /**
   * Runs beside Node's own work until `stop()`, or until no socket and no timer is left.
   *
   * @throws EventLoopError `ERR_LOOP_RUNNING`, `ERR_LOOP_CLOSED`; SystemError, such as `EMFILE`, when the loop cannot be woken or Node's
   * not be watched
   */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        this.#start(chooseHost(this.#reactor), resolve);
      } catch (error) {
        reject(error);
      }
    });
  }

  /**
   * Runs on this thread alone until `stop()`, or until no socket and no timer is left. Nothing else of Node's runs
   * meanwhile: no signal handlers, no DNS, no `AbortSignal.timeout`, no `setTimeout`. Promises do, unless `runSync` is
   * itself called from a promise's continuation, as which the top level of an ES module counts: call it from
   * `setImmediate` there.
   *
   * @throws EventLoopError as `run`, and `ERR_BACKEND_UNAVAILABLE` with libuv, which cannot wait; whatever a handler
   * threw, after the batch, several in an AggregateError: the loop has stopped then, and may be run again
   */
  runSync(): void {
    const { backend } = this.#reactor;
    if (backend.style === "pushing") {
      throw new EventLoopError(
        "ERR_BACKEND_UNAVAILABLE",
        `runSync: expected a backend that waits, such as poll, got ${backend.name}, which Node's loop drives`,
      );
    }
    if (this.#reactor.inTurn) {
      throw new EventLoopError("ERR_LOOP_RUNNING", "runSync: expected a loop at rest, got one inside of a turn");
    }
    this.#start(new BlockingHost(this.#reactor), null);
  }

  /**
   * Ends `run` or `runSync` when the current turn is over: what it wrote still leaves. Sockets stay registered. Stopping
   * twice is allowed.
   */
  stop(): void {
    const host = this.#host;
    const finish = this.#finish;
    this.#host = null;
    this.#finish = null;
    this.#reactor.stopping = true;
    host?.stop();
    if (finish !== null) this.#reactor.afterTurn(finish);
  }

  /** Makes the next wait return at once. */
  wake(): void {
    this.#reactor.wake();
  }

  /** Lets the process end although sockets are registered. */
  unref(): void {
    this.#setReferenced(false);
  }

  /** Keeps the process running while sockets are registered: the default. */
  ref(): void {
    this.#setReferenced(true);
  }

  /**
   * Stops, unregisters every socket (they stay open), closes every mailbox and gives up the backend. Closing twice is
   * allowed.
   */
  close(): void {
    this.stop();
    for (const mailbox of this.#mailboxes) mailbox.close();
    this.#reactor.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #start(host: Host, finish: (() => void) | null): void {
    if (this.#reactor.closed)
      throw new EventLoopError("ERR_LOOP_CLOSED", "loop: expected an open one, got a closed one");
    if (this.#host !== null) {
      throw new EventLoopError("ERR_LOOP_RUNNING", "run: expected a loop at rest, got one that runs already");
    }
    this.#host = host;
    this.#finish = finish;
    this.#reactor.stopping = false;
    host.setReferenced(this.#referenced);
    try {
      host.start();
    } catch (error) {
      // A handler may have stopped the loop, and may even have started it anew.
      if (this.#host === host) {
        this.#host = null;
        this.#finish = null;
      }
      throw error;
    }
  }

  #changed(): void {
    if (this.#host !== null) this.#host.poke();
    else if (this.#autoRun && this.#reactor.busy) this.#start(chooseHost(this.#reactor), null);
  }

  #setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    this.#host?.setReferenced(referenced);
  }
}
