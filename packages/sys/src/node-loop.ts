import { ffi } from "./load.js";

/**
 * What an event loop nested in Node's needs to know of libuv's loop on this thread.
 *
 * Source: https://docs.libuv.org/en/v1.x/loop.html; Node-API's `napi_get_uv_event_loop`.
 */
export interface NodeLoop {
  /** libuv's own epoll or kqueue descriptor: readable when libuv has something to do. */
  readonly backendFd: number;
  /** Milliseconds until libuv's next timer, -1 if it has none, 0 if it has work to do now or nothing to wait for. */
  timeout(): number;
  /** Refreshes libuv's cached time, on which `timeout` counts. */
  updateTime(): void;
  /** Whether something of Node's own keeps the process running. */
  alive(): boolean;
}

/** Node's loop on this thread, or null where its symbols are missing (Bun, Deno, Windows). */
export function nodeLoop(): NodeLoop | null {
  if (process.versions["bun"] !== undefined || process.versions["deno"] !== undefined) return null;
  if (process.platform === "win32") return null;
  const koffi = ffi();
  const self = koffi.load(null);
  try {
    const out: unknown[] = [null];
    if (self.func("int napi_get_uv_event_loop(void*, _Out_ void**)")(koffi.node.env, out) !== 0) return null;
    // As a number: passing the pointer object cost twice as much per call.
    const loop = Number(out[0]);
    const timeout = self.func("int uv_backend_timeout(uintptr_t)");
    const updateTime = self.func("void uv_update_time(uintptr_t)");
    const alive = self.func("int uv_loop_alive(uintptr_t)");
    const backendFd: number = self.func("int uv_backend_fd(uintptr_t)")(loop);
    if (backendFd < 0) return null;
    return {
      backendFd,
      timeout: () => timeout(loop),
      updateTime: () => updateTime(loop),
      alive: () => alive(loop) !== 0,
    };
  } catch {
    return null; // A symbol is missing: this is not Node.
  }
}

/** A socket watched by libuv itself (`uv_poll_t`). */
export interface NodeWatch {
  start(interest: { readable: boolean; writable: boolean }, callback: NodeWatchCallback): void;
  close(): void;
  ref(): void;
  unref(): void;
}

/** `status` is 0 or libuv's negative error; libuv has stopped watching then. */
export type NodeWatchCallback = (
  status: number,
  ready: { readable: boolean; writable: boolean; disconnect: boolean },
) => void;

/**
 * Watches `handle` on Node's loop. Keep a reference: the garbage collector closes what nobody holds.
 * `close` may be called once only, and nothing after it.
 */
export function watchOnNodeLoop(
  handle: number,
  interest: { readable: boolean; writable: boolean },
  callback: NodeWatchCallback,
): NodeWatch {
  // koffi's types leave out the status that it passes first.
  const poll = ffi().node.poll as unknown as (
    handle: number,
    interest: object,
    callback: NodeWatchCallback,
  ) => NodeWatch;
  return poll(handle, interest, callback);
}
