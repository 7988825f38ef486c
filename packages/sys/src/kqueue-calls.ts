import { darwin } from "./constants/darwin.js";
import { freebsd } from "./constants/freebsd.js";
import { system } from "./current-system.js";
import { errnoView } from "./errno.js";
import { KqueueUnavailableError } from "./kqueue-error.js";
import { darwin as darwinLayouts } from "./layouts/darwin.js";
import { freebsd as freebsdLayouts } from "./layouts/freebsd.js";
import type { Layouts } from "./layouts/layouts.js";
import { ffi } from "./load.js";
import { Timespec } from "./timespec.js";

/** What kqueue's records say, under the names of <sys/event.h>. */
export interface KqueueConstants {
  readonly EVFILT_READ: number;
  readonly EVFILT_TIMER: number;
  readonly EVFILT_USER: number;
  readonly EVFILT_WRITE: number;
  readonly EV_ADD: number;
  readonly EV_CLEAR: number;
  readonly EV_DELETE: number;
  readonly EV_DISABLE: number;
  readonly EV_DISPATCH: number;
  readonly EV_ENABLE: number;
  readonly EV_EOF: number;
  readonly EV_ERROR: number;
  readonly EV_ONESHOT: number;
  readonly EV_RECEIPT: number;
  readonly NOTE_TRIGGER: number;
}

/**
 * kqueue(2), in the manner of `System`: results are what the system returned, or the negated errno. Memory is given as
 * an address, of so many records of `layout`.
 */
export interface KqueueCalls {
  readonly constants: KqueueConstants;
  readonly layout: NonNullable<Layouts["kevent"]>;
  /** A queue that no exec inherits. `system().close` closes it. */
  create(): number;
  /**
   * Makes changes, then takes events. `timeoutMs` -1 waits for ever. A signal ends the wait as if nothing were ready; the
   * changes have been made. A change that fails is an event with EV_ERROR, if there is room for it among the events.
   */
  kevent(
    queue: number,
    changes: number,
    changeCount: number,
    events: number,
    eventCount: number,
    timeoutMs: number,
  ): number;
  /**
   * As `kevent`, on a thread of the FFI library's pool, and then calls `done` on this one. The records must not be
   * touched until then. How many events there are is not told: the call failed on another thread, if it did.
   */
  keventAsync(
    queue: number,
    changes: number,
    changeCount: number,
    events: number,
    eventCount: number,
    timeoutMs: number,
    done: () => void,
  ): void;
}

/**
 * The calls of kqueue, from the C library on macOS and FreeBSD. Elsewhere from the library that `library` or else
 * `P2PNET_KQUEUE_LIBRARY` names by its path, which is libkqueue: it has macOS's records and FreeBSD's numbers.
 *
 * @throws KqueueUnavailableError if no library is named where the system has no kqueue, or it cannot be loaded
 */
export function loadKqueue(
  library: string | undefined = process.env["P2PNET_KQUEUE_LIBRARY"],
  platform: NodeJS.Platform = process.platform,
): KqueueCalls {
  const named = library === "" ? undefined : library;
  const { constants, layout } = records(platform, named);
  const sys = system();
  const c = functions(named ?? null);
  const errno = errnoView(ffi().load(null), platform);
  const failed = (): number => -errno[0]!;
  const timeout = new Timespec(sys.layouts);
  /** Those that other threads are reading. */
  const timeouts = new Set<Timespec>();

  return {
    constants,
    layout,
    create() {
      const queue: number = c.kqueue();
      if (queue < 0) return failed();
      const result = sys.setCloseOnExec(queue);
      if (result >= 0) return queue;
      sys.close(queue);
      return result;
    },
    kevent(queue, changes, changeCount, events, eventCount, timeoutMs) {
      const result: number = c.kevent(queue, changes, changeCount, events, eventCount, timeout.set(timeoutMs));
      return result >= 0 ? result : errno[0] === sys.constants.EINTR ? 0 : failed();
    },
    keventAsync(queue, changes, changeCount, events, eventCount, timeoutMs, done) {
      const own = new Timespec(sys.layouts);
      timeouts.add(own);
      c.kevent.async(queue, changes, changeCount, events, eventCount, own.set(timeoutMs), () => {
        timeouts.delete(own);
        done();
      });
    },
  };
}

/** What the records are made of. */
function records(platform: NodeJS.Platform, library: string | undefined): Pick<KqueueCalls, "constants" | "layout"> {
  if (platform === "freebsd") return { constants: freebsd, layout: freebsdLayouts.kevent };
  if (platform === "darwin") return { constants: darwin, layout: darwinLayouts.kevent };
  if (library !== undefined && platform === "linux") {
    return { constants: freebsd, layout: darwinLayouts.kevent };
  }
  throw new KqueueUnavailableError(
    `kqueue: expected macOS or FreeBSD, or Linux with libkqueue's path in P2PNET_KQUEUE_LIBRARY, got ${platform}`,
  );
}

function functions(library: string | null) {
  const koffi = ffi();
  try {
    const loaded = koffi.load(library);
    return {
      kqueue: loaded.func("int kqueue()"),
      kevent: loaded.func("int kevent(int, uintptr_t, int, uintptr_t, int, uintptr_t)"),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    const where = library ?? "the C library";
    throw new KqueueUnavailableError(`kqueue: expected to load kqueue and kevent from ${where}, got: ${reason}`, {
      cause,
    });
  }
}
