import type * as threads from "node:worker_threads";
import type * as sockets from "@p2pnet/socket";
import type * as loops from "../../src/index.js";
import type { Subject } from "./subject.js";

/** What a program in a process or thread of its own works with: the packages as they are built, and loops of the subject's. */
export interface ProgramContext {
  readonly EventLoop: typeof loops.EventLoop;
  readonly Poster: typeof loops.Poster;
  readonly defaultLoop: typeof loops.defaultLoop;
  readonly READABLE: number;
  readonly Socket: typeof sockets.Socket;
  readonly subject: Subject;
  readonly threads: typeof threads;
  createLoop(options?: loops.EventLoopOptions): loops.EventLoop;
  run(loop: loops.EventLoop): Promise<void>;
  pair(): [sockets.Socket, sockets.Socket];
  /** Adds a value to what whoever started the program is told. */
  tell(value: unknown): void;
  /** Milliseconds of processor time since the process began. */
  cpuMs(): number;
}

/** What a program in a Worker of a test's works with, too. */
export interface WorkerContext extends ProgramContext {
  readonly parentPort: threads.MessagePort;
  /** Where whoever started it is posted to. */
  readonly address: loops.MailboxAddress;
  /** What else it was given. */
  readonly given: unknown;
}

/**
 * A module that calls `program`. The program is handed over as text, so it may use nothing from around it but its
 * parameter.
 *
 * @param tell the text of the context's `tell`, which may use `writeSync` and `threads`
 */
export function programOf(subject: Subject, program: string, tell: string): string {
  return `
    import { writeSync } from "node:fs";
    import * as threads from "node:worker_threads";
    import * as loops from "@p2pnet/event-loop";
    import * as sockets from "@p2pnet/socket";
    const basis = { subject: ${JSON.stringify(subject)}, threads, tell: ${tell} };
    const context = (${createContext})(loops, sockets, basis);
    setImmediate(() => (${program})(context));`;
}

/** Runs in the program: may use nothing from around it but its parameters. */
function createContext(
  { EventLoop, Poster, READABLE, defaultLoop }: typeof loops,
  { Socket }: typeof sockets,
  basis: Pick<ProgramContext, "subject" | "threads" | "tell">,
): ProgramContext & Pick<WorkerContext, "address" | "given"> & { parentPort: threads.MessagePort | null } {
  const { subject, threads } = basis;
  if (subject.host === "parked") process.env["P2PNET_HOST"] = "parked";
  const createLoop = (options: loops.EventLoopOptions = {}): loops.EventLoop => {
    const loop = new EventLoop({ ...options, backend: subject.backend });
    if (subject.host === "second") {
      // Another loop is nested already, and keeps nothing running.
      const first = new EventLoop({ backend: subject.companion });
      first.timers.set(600_000, () => {});
      first.unref();
      void first.run();
    }
    return loop;
  };
  return {
    ...basis,
    parentPort: threads.parentPort,
    address: threads.workerData?.address,
    given: threads.workerData?.given,
    EventLoop,
    Poster,
    Socket,
    READABLE,
    defaultLoop,
    createLoop,
    async run(loop) {
      if (subject.host === "blocking") loop.runSync();
      else await loop.run();
    },
    pair() {
      const listener = Socket.open("tcp");
      listener.bind({ address: "127.0.0.1", port: 0 });
      listener.listen();
      const near = Socket.open("tcp");
      near.connect(listener.localAddress);
      for (;;) {
        const far = listener.accept();
        if (far === null) continue;
        listener.close();
        return [near, far];
      }
    },
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
  };
}
