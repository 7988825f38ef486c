import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type * as sockets from "@p2pnet/socket";
import type * as loops from "../../src/index.js";
import type { Subject } from "./subject.js";

/** A child that takes longer is killed, and the test fails. */
const LIMIT_MS = 20_000;

/** What a program in a process of its own works with: the packages as they are built, and a loop of the subject's. */
export interface ChildContext {
  readonly EventLoop: typeof loops.EventLoop;
  readonly Socket: typeof sockets.Socket;
  readonly READABLE: number;
  readonly subject: Subject;
  createLoop(options?: loops.EventLoopOptions): loops.EventLoop;
  run(loop: loops.EventLoop): Promise<void>;
  pair(): [sockets.Socket, sockets.Socket];
  /** Adds a value to what the parent gets. */
  tell(value: unknown): void;
  /** Milliseconds of processor time since the process began. */
  cpuMs(): number;
}

export interface ChildResult {
  /** What the program told. */
  readonly told: unknown[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/**
 * Runs `program` in a process of its own, against the built package. It is handed over as text, so it may use nothing from
 * around it but its parameter.
 *
 * @param meanwhile called once, when the program has told something
 */
export async function inChild(
  subject: Subject,
  program: (context: ChildContext) => void | Promise<void>,
  meanwhile?: (child: ChildProcess, told: unknown[]) => void,
): Promise<ChildResult> {
  const source = `
    import * as loops from "@p2pnet/event-loop";
    import * as sockets from "@p2pnet/socket";
    const context = (${createContext})(loops, sockets, ${JSON.stringify(subject)});
    setImmediate(() => (${program})(context));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const told: unknown[] = [];
  let unread = "";
  let asked = false;
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (unread + chunk).split("\n");
    unread = lines.pop()!;
    for (const line of lines) told.push(JSON.parse(line));
    if (!asked && told.length > 0) meanwhile?.(child, told);
    asked = told.length > 0;
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { told, code, signal, stderr };
}

/** Runs in the child: may use nothing from around it but its parameters. */
function createContext(
  { EventLoop, READABLE }: typeof loops,
  { Socket }: typeof sockets,
  subject: Subject,
): ChildContext {
  const createLoop = (options: loops.EventLoopOptions = {}): loops.EventLoop => {
    const loop = new EventLoop({ ...options, backend: subject.backend });
    if (subject.host === "second") {
      // Another loop is nested already, and keeps nothing running.
      const first = new EventLoop({ backend: "epoll" });
      first.timers.set(600_000, () => {});
      first.unref();
      void first.run();
    }
    return loop;
  };
  return {
    EventLoop,
    Socket,
    READABLE,
    subject,
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
    tell: (value) => void process.stdout.write(`${JSON.stringify(value)}\n`),
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
  };
}
