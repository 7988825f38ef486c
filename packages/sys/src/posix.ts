import type { CLibrary } from "./c-function.js";
import { type Constants, constantsFor } from "./constants/constants.js";
import { epollCalls } from "./epoll-calls.js";
import { errnoView } from "./errno.js";
import { ioUringCalls } from "./io-uring-calls.js";
import { layoutsFor } from "./layouts/layouts.js";
import { ffi } from "./load.js";
import { prepareAfterwards } from "./new-handle.js";
import { OneMessage } from "./one-message.js";
import { posixFunctions } from "./posix-functions.js";
import { retryOn } from "./retry.js";
import { SocketAddressCodec } from "./socket-address.js";
import type { System } from "./system.js";

/** What a Unix is made of. For tests: constants that lack something, a library whose calls fail as told. */
export interface PosixParts {
  readonly constants?: Constants;
  readonly libc?: CLibrary;
}

/** The system calls of a Unix, from the C library that Node itself has loaded. */
export function loadPosix(platform: NodeJS.Platform, arch: NodeJS.Architecture, parts: PosixParts = {}): System {
  const { constants = constantsFor(platform, arch), libc = ffi().load(null) } = parts;
  const layouts = layoutsFor(platform, arch);
  const c = posixFunctions(libc, constants, layouts);
  const errno = errnoView(libc, platform);
  const { EINTR } = constants;

  const failed = (): number => -errno[0]!;
  const retry = retryOn(EINTR, errno);
  const prepare = prepareAfterwards(c, constants, retry);
  const { accept, accept4, recvmmsg, sendmmsg } = c;
  const SOCKET_FLAGS = (constants.SOCK_NONBLOCK ?? 0) | (constants.SOCK_CLOEXEC ?? 0);
  const NOSIGNAL = constants.MSG_NOSIGNAL ?? 0;
  const one = new OneMessage(layouts);
  const length = new Uint32Array(1);
  const withLength = (into: Uint8Array, call: () => number): number => {
    length[0] = into.length;
    const result = retry(call);
    return result < 0 ? result : length[0];
  };

  return {
    constants,
    layouts,
    addresses: new SocketAddressCodec(constants, layouts),

    socket(domain, type, protocol) {
      const handle = retry(() => c.socket(domain, type | SOCKET_FLAGS, protocol));
      return handle < 0 || SOCKET_FLAGS !== 0 ? handle : prepare(handle);
    },
    bind: (handle, address) => retry(() => c.bind(handle, address, address.length)),
    listen: (handle, backlog) => retry(() => c.listen(handle, backlog)),
    accept(handle) {
      for (;;) {
        const result = accept4 === null ? accept(handle, 0, 0) : accept4(handle, 0, 0, SOCKET_FLAGS);
        if (result >= 0) return accept4 === null ? prepare(result) : result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    connect: (handle, address) => (c.connect(handle, address, address.length) === 0 ? 0 : failed()),
    recv(handle, address, length, flags) {
      for (;;) {
        const result = c.recv(handle, address, length, flags);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    send(handle, address, length) {
      for (;;) {
        const result = c.send(handle, address, length, NOSIGNAL);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    recvBytes: (handle, into, flags) => retry(() => c.recvBytes(handle, into, into.length, flags)),
    sendBytes: (handle, bytes) => retry(() => c.sendBytes(handle, bytes, bytes.length, NOSIGNAL)),
    sendMessage(handle, message) {
      for (;;) {
        const result = c.sendmsg(handle, message, NOSIGNAL);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    recvFrom(handle, address, size, from) {
      for (;;) {
        const result = c.recvmsg(handle, one.prepare(address, size), 0);
        if (result >= 0) {
          if (!one.hasSender) return -constants.EAGAIN;
          from.set(one.name);
          return one.cut(constants.MSG_TRUNC) ? size + 1 : result;
        }
        if (errno[0] !== EINTR) return failed();
      }
    },
    sendTo(handle, address, size, to) {
      for (;;) {
        const result = c.sendto(handle, address, size, NOSIGNAL, to, to.length);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    recvMessages:
      recvmmsg === null ? null : (handle, messages, count) => retry(() => recvmmsg(handle, messages, count, 0, 0)),
    sendMessages:
      sendmmsg === null ? null : (handle, messages, count) => retry(() => sendmmsg(handle, messages, count, NOSIGNAL)),
    shutdown: (handle, how) => retry(() => c.shutdown(handle, how)),
    close: (handle) => (c.close(handle) === 0 ? 0 : failed()),
    setNonBlocking(handle, enabled) {
      const flags = retry(() => c.fcntl(handle, constants.F_GETFL!, "int", 0));
      if (flags < 0) return flags;
      const wanted = enabled ? flags | constants.O_NONBLOCK! : flags & ~constants.O_NONBLOCK!;
      return retry(() => c.fcntl(handle, constants.F_SETFL!, "int", wanted));
    },
    setCloseOnExec: (handle) => retry(() => c.fcntl(handle, constants.F_SETFD!, "int", constants.FD_CLOEXEC!)),
    getOption: (handle, level, name, into) => withLength(into, () => c.getsockopt(handle, level, name, into, length)),
    setOption: (handle, level, name, value) => retry(() => c.setsockopt(handle, level, name, value, value.length)),
    localAddress: (handle, into) => withLength(into, () => c.getsockname(handle, into, length)),
    remoteAddress: (handle, into) => withLength(into, () => c.getpeername(handle, into, length)),

    poll(address, count, timeoutMs) {
      // A signal ends the wait early: reported as "nothing ready", so that the caller works out its timeout anew.
      const result = c.poll(address, count, timeoutMs);
      return result >= 0 ? result : errno[0] === EINTR ? 0 : failed();
    },
    pollAsync: (address, count, timeoutMs, done) => c.poll.async(address, count, timeoutMs, done),
    ...epollCalls(libc, constants, errno),
    ioUring: platform === "linux" ? ioUringCalls(libc, constants, layouts, errno) : null,
  };
}
