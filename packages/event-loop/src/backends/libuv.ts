import { type NodeWatch, type NodeWatchCallback, watchOnNodeLoop } from "@p2pnet/sys";
import type { BackendName, PushingBackend, Watched } from "../backend.js";
import { FAILED, HANGUP, READABLE, type Ready, UNCERTAIN, WRITABLE } from "../interest.js";

/** Those that libuv calls back. */
const running = new Set<LibuvBackend>();
let heedsExit = false;

/** What libuv was asked for one watch. */
interface Asked {
  readonly handle: NodeWatch;
  readonly callback: NodeWatchCallback;
}

/** libuv's `uv_poll_t`: Node's own loop watches the sockets and calls us. On every platform that Node runs on. */
export class LibuvBackend implements PushingBackend {
  readonly name: BackendName = "libuv";
  readonly style = "pushing";
  /**
   * What libuv was asked, or null while stopped: libuv would go on calling. The map is also what keeps the handles
   * alive: one that nobody holds is collected and silently closed.
   */
  readonly #watched = new Map<Watched, Asked | null>();
  #sink: ((watched: Watched, ready: Ready) => void) | null = null;
  #referenced = true;

  start(sink: (watched: Watched, ready: Ready) => void): void {
    stopAtExit();
    running.add(this);
    this.#sink = sink;
    try {
      for (const watched of this.#watched.keys()) this.#watched.set(watched, this.#ask(watched));
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    running.delete(this);
    this.#sink = null;
    for (const [watched, asked] of this.#watched) {
      this.#watched.set(watched, null);
      asked?.handle.close();
    }
  }

  add(watched: Watched): void {
    this.#watched.set(watched, this.#sink === null ? null : this.#ask(watched));
  }

  modify(watched: Watched): void {
    const asked = this.#watched.get(watched);
    asked?.handle.start(wanted(watched), asked.callback);
  }

  remove(watched: Watched): void {
    const asked = this.#watched.get(watched);
    this.#watched.delete(watched);
    asked?.handle.close();
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    for (const asked of this.#watched.values()) {
      if (referenced) asked?.handle.ref();
      else asked?.handle.unref();
    }
  }

  close(): void {
    this.stop();
    this.#watched.clear();
  }

  #ask(watched: Watched): Asked {
    const callback = this.#callback(watched);
    const handle = watchOnNodeLoop(watched.handle, wanted(watched), callback);
    if (!this.#referenced) handle.unref();
    return { handle, callback };
  }

  #callback(watched: Watched): NodeWatchCallback {
    return (status, events) => {
      // On Windows libuv tells a refused connect as writable, and a reset as readable.
      const ready =
        (events.readable ? READABLE : 0) |
        (events.writable ? WRITABLE : 0) |
        (events.disconnect ? HANGUP : 0) |
        UNCERTAIN;
      this.#sink?.(watched, status < 0 ? FAILED | READABLE | WRITABLE : ready);
      // On an error libuv stops watching, although there may be input left that the handler did not take yet.
      if (status < 0) this.modify(watched);
    };
  }
}

/** While Node takes its environment down libuv still runs, and a callback then would abort the process. */
function stopAtExit(): void {
  if (heedsExit) return;
  heedsExit = true;
  process.on("exit", () => {
    for (const backend of running) backend.stop();
  });
}

function wanted(watched: Watched): { readable: boolean; writable: boolean } {
  return { readable: (watched.interest & READABLE) !== 0, writable: (watched.interest & WRITABLE) !== 0 };
}
