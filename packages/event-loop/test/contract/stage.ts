import { Socket } from "@p2pnet/socket";
import { replaceSystem, type System, system } from "@p2pnet/sys";
import { onTestFinished } from "vitest";
import { EventLoop, type EventLoopOptions } from "../../src/index.js";
import { callsOverRing } from "./calls-over-ring.js";
import { connectTo, listening } from "./sockets.js";
import type { Subject } from "./subject.js";

/** A loop that owns the thread cannot be timed out by the test framework: it fails by itself after so long. */
const BLOCKING_LIMIT_MS = 20_000;

const REAL = system();

export interface StageOptions extends Omit<EventLoopOptions, "backend" | "onUncaught"> {
  /** Default: keeps them in `uncaught`. Null leaves the loop without one. */
  readonly onUncaught?: ((error: unknown) => void) | null;
  /** System calls that differ from the real ones, for the loop and for sockets that are opened from now on. */
  readonly system?: (real: System) => Partial<System>;
}

/** One test's loop and sockets. All are closed when the test is over. */
export class Stage {
  readonly loop: EventLoop;
  /** What reached `onUncaught`. */
  readonly uncaught: unknown[] = [];
  readonly #subject: Subject;
  readonly #sockets: Socket[] = [];
  readonly #companion: EventLoop | null;
  #listener: Socket | null = null;

  constructor(subject: Subject, options: StageOptions = {}) {
    this.#subject = subject;
    if (subject.host === "parked") process.env["P2PNET_HOST"] = "parked";
    const real = subject.host === "blocking" ? { ...REAL, ...limitedWaits() } : REAL;
    const changed = { ...real, ...options.system?.(real) };
    replaceSystem(options.system === undefined ? changed : callsOverRing(changed));
    const { onUncaught = (error) => void this.uncaught.push(error), clock } = options;
    this.loop = new EventLoop({ backend: subject.backend, ...(onUncaught && { onUncaught }), ...(clock && { clock }) });
    this.#companion = subject.host === "second" ? new EventLoop({ backend: subject.companion }) : null;
    this.#companion?.timers.set(60_000, () => {});
    void this.#companion?.run();
  }

  /** Until the loop stops or has nothing left. */
  run(): Promise<void> {
    if (this.#subject.host !== "blocking") return this.loop.run();
    // Not from a promise's continuation: no other would run meanwhile.
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          resolve(this.loop.runSync());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Two sockets that are connected to each other. */
  pair(): [near: Socket, far: Socket] {
    this.#listener ??= this.listening();
    const pair = connectTo(this.#listener);
    this.#sockets.push(...pair);
    return pair;
  }

  listening(): Socket {
    return this.own(listening());
  }

  /** A socket that is not connected. */
  socket(): Socket {
    return this.own(Socket.open("tcp"));
  }

  /** Closes the socket when the test is over. */
  own(socket: Socket): Socket {
    this.#sockets.push(socket);
    return socket;
  }

  /** Closes the handle behind the backs of its socket and its loop. Detach the socket afterwards. */
  closeHandle(socket: Socket): void {
    system().close(socket.handle);
  }

  /** Calls back after so many more turns: long enough for whatever would happen to have happened. */
  afterTurns(count: number, callback: () => void): void {
    const [ready] = this.pair();
    let turns = 0;
    this.loop.add(ready, {
      onWritable: () => {
        if (++turns < count) return;
        this.loop.remove(ready);
        callback();
      },
    });
  }

  /** Stops the loop after so many turns. */
  stopAfterTurns(count = 5): void {
    this.afterTurns(count, () => this.loop.stop());
  }

  /** Stops the loop after `ms` milliseconds, and then gives the processor time that was used meanwhile, in milliseconds. */
  async cpuDuring(ms: number): Promise<number> {
    let used = Number.NaN;
    const before = process.cpuUsage();
    this.loop.timers.set(ms, () => {
      const { user, system } = process.cpuUsage(before);
      used = (user + system) / 1000;
      this.loop.stop();
    });
    await this.run();
    return used;
  }

  close(): void {
    replaceSystem(REAL);
    delete process.env["P2PNET_HOST"];
    this.loop.close();
    this.#companion?.close();
    for (const socket of this.#sockets) socket.close();
  }
}

/** A stage that is closed when the test is over. */
export function openStage(subject: Subject, options: StageOptions = {}): Stage {
  const stage = new Stage(subject, options);
  onTestFinished(() => stage.close());
  return stage;
}

function limitedWaits(): Pick<System, "poll" | "epollWait" | "ioUring"> {
  let deadline = 0;
  const limited = (timeoutMs: number): number => {
    deadline ||= performance.now() + BLOCKING_LIMIT_MS;
    const left = Math.ceil(deadline - performance.now());
    if (left <= 0) throw new Error(`runSync: expected it to stop within ${BLOCKING_LIMIT_MS} ms, got no end`);
    return timeoutMs === -1 ? left : Math.min(timeoutMs, left);
  };
  return {
    poll: (address, count, timeoutMs) => REAL.poll(address, count, limited(timeoutMs)),
    epollWait: (epoll, events, count, timeoutMs) => REAL.epollWait(epoll, events, count, limited(timeoutMs)),
    ioUring: REAL.ioUring && {
      ...REAL.ioUring,
      enter: (ring, submissions, completions, timeoutMs) =>
        REAL.ioUring!.enter(ring, submissions, completions, limited(timeoutMs)),
    },
  };
}
