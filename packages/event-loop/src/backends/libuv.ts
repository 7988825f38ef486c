import { type NodeWatch, type NodeWatchCallback, watchOnNodeLoop } from "@p2pnet/sys";
import type { BackendName, PushingBackend, Watched } from "../backend.js";
import { FAILED, HANGUP, READABLE, type Ready, WRITABLE } from "../interest.js";

/** libuv's `uv_poll_t`: Node's own loop watches the sockets and calls us. On every platform that Node runs on. */
export class LibuvBackend implements PushingBackend {
  readonly name: BackendName = "libuv";
  readonly style = "pushing";
  // The map is also what keeps the handles alive: one that nobody holds is collected and silently closed.
  readonly #handles = new Map<Watched, { handle: NodeWatch; callback: NodeWatchCallback }>();
  #sink: ((watched: Watched, ready: Ready) => void) | null = null;
  #referenced = true;

  start(sink: (watched: Watched, ready: Ready) => void): void {
    this.#sink = sink;
  }

  add(watched: Watched): void {
    const callback = this.#callback(watched);
    const handle = watchOnNodeLoop(watched.handle, wanted(watched), callback);
    this.#handles.set(watched, { handle, callback });
    if (!this.#referenced) handle.unref();
  }

  modify(watched: Watched): void {
    const { handle, callback } = this.#handles.get(watched)!;
    handle.start(wanted(watched), callback);
  }

  remove(watched: Watched): void {
    const entry = this.#handles.get(watched);
    this.#handles.delete(watched);
    entry?.handle.close();
  }

  setReferenced(referenced: boolean): void {
    this.#referenced = referenced;
    for (const { handle } of this.#handles.values()) {
      if (referenced) handle.ref();
      else handle.unref();
    }
  }

  close(): void {
    for (const { handle } of this.#handles.values()) handle.close();
    this.#handles.clear();
  }

  #callback(watched: Watched): NodeWatchCallback {
    return (status, events) => {
      const ready =
        (events.readable ? READABLE : 0) | (events.writable ? WRITABLE : 0) | (events.disconnect ? HANGUP : 0);
      this.#sink?.(watched, status < 0 ? FAILED | READABLE | WRITABLE : ready);
      // On an error libuv stops watching, although there may be input left that the handler did not take yet.
      if (status < 0 && this.#handles.has(watched)) this.modify(watched);
    };
  }
}

function wanted(watched: Watched): { readable: boolean; writable: boolean } {
  return { readable: (watched.interest & READABLE) !== 0, writable: (watched.interest & WRITABLE) !== 0 };
}
