import type { CLibrary } from "./c-function.js";
import type { Constants } from "./constants/constants.js";
import type { System } from "./system.js";

/** The part of `System` that only Linux has. */
export type EpollCalls = Pick<System, "epollCreate" | "epollControl" | "epollWait" | "epollWaitAsync">;

/** The calls of epoll(7); where there is none, each fails with EOPNOTSUPP. */
export function epollCalls(libc: CLibrary, constants: Constants, errno: Int32Array): EpollCalls {
  const { EPOLL_CLOEXEC, EINTR } = constants;
  if (EPOLL_CLOEXEC === null) return noEpoll(constants);
  const create = libc.func("int epoll_create1(int)");
  const control = libc.func("int epoll_ctl(int, int, int, uintptr_t)");
  const wait = libc.func("int epoll_wait(int, uintptr_t, int, int)");
  const failed = (): number => -errno[0]!;

  return {
    // Neither waits, so that no signal interrupts them.
    epollCreate() {
      const result: number = create(EPOLL_CLOEXEC);
      return result >= 0 ? result : failed();
    },
    epollControl(epoll, operation, handle, event) {
      const result: number = control(epoll, operation, handle, event);
      return result >= 0 ? result : failed();
    },
    epollWait(epoll, events, count, timeoutMs) {
      const result: number = wait(epoll, events, count, timeoutMs);
      return result >= 0 ? result : errno[0] === EINTR ? 0 : failed();
    },
    epollWaitAsync: (epoll, events, count, timeoutMs, done) => wait.async(epoll, events, count, timeoutMs, done),
  };
}

export function noEpoll({ EOPNOTSUPP }: Constants): EpollCalls {
  return {
    epollCreate: () => -EOPNOTSUPP,
    epollControl: () => -EOPNOTSUPP,
    epollWait: () => -EOPNOTSUPP,
    // Over at once: what was found is for `epollWait` to say.
    epollWaitAsync: (_epoll, _events, _count, _timeoutMs, done) => {
      setImmediate(done);
    },
  };
}
