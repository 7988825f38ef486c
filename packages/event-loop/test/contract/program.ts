import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
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
  createLoop(options?: loops.EventLoopOptions): loops.EventLoop;
  run(loop: loops.EventLoop): Promise<void>;
  pair(): [sockets.Socket, sockets.Socket];
  /** Adds a value to what whoever started the program is told. */
  tell(value: unknown): void;
  /** Milliseconds of processor time since the process began. */
  cpuMs(): number;
}

/** A program in a folder of its own, from which the packages that it imports are found. */
export interface ProgramFile {
  readonly folder: string;
  readonly path: string;
  readonly url: URL;
  remove(): void;
}

/**
 * Writes a module that calls `program`. The program is handed over as text, so it may use nothing from around it but its
 * parameter: the context, with what `extras` (a text that gives an object, and has `tell`) adds to it.
 */
export function writeProgram(subject: Subject, program: string, extras: string): ProgramFile {
  const folder = mkdtempSync(join(nodeModules(), ".program-"));
  const path = join(folder, "program.mjs");
  // By address, for a package is not found by its own name from here.
  const [loop, socket] = ["@p2pnet/event-loop", "@p2pnet/socket"].map((name) => JSON.stringify(addressOf(name)));
  writeFileSync(
    path,
    `import { writeSync } from "node:fs";
    import { parentPort, workerData } from "node:worker_threads";
    import * as loops from ${loop};
    import * as sockets from ${socket};
    const context = (${createContext})(loops, sockets, ${JSON.stringify(subject)}, (${extras}));
    setImmediate(() => (${program})(context));`,
  );
  return {
    folder,
    path,
    url: pathToFileURL(path),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function addressOf(name: string): string {
  return import.meta.resolve(name);
}

/** The nearest one: from it Deno finds packages, and whoever looks for files to check or to pack passes it over. */
function nodeModules(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules");
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new Error("node_modules: expected one above the tests, got none");
  }
}

/** Runs in the program: may use nothing from around it but its parameters. */
function createContext<Extras extends { tell(value: unknown): void }>(
  { EventLoop, Poster, READABLE, defaultLoop }: typeof loops,
  { Socket }: typeof sockets,
  subject: Subject,
  extras: Extras,
): ProgramContext & Extras {
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
    ...extras,
    EventLoop,
    Poster,
    Socket,
    READABLE,
    defaultLoop,
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
    cpuMs() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
  };
}
