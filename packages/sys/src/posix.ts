import { constantsFor } from "./constants/constants.js";
import { errnoView } from "./errno.js";
import { layoutsFor } from "./layouts/layouts.js";
import { FfiUnavailableError, ffi } from "./load.js";
import { OneMessage } from "./one-message.js";
import { SocketAddressCodec } from "./socket-address.js";
import type { System } from "./system.js";

/** The system calls of a Unix, from the C library that Node itself has loaded. */
export function loadPosix(platform: NodeJS.Platform, arch: NodeJS.Architecture): System {
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) {
    throw new FfiUnavailableError(`sockets: expected Linux on x64 or arm64, got ${platform} on ${arch}`);
  }
  const constants = constantsFor(platform, arch);
  const layouts = layoutsFor(platform, arch);
  const libc = ffi().load(null);
  const errno = errnoView(platform);
  const { EINTR } = constants;

  // Addresses are `uintptr_t` where a call is hot, `void*` where a typed array is handed over once.
  const c = {
    socket: libc.func("int socket(int, int, int)"),
    bind: libc.func("int bind(int, void*, uint32_t)"),
    listen: libc.func("int listen(int, int)"),
    accept4: libc.func("int accept4(int, uintptr_t, uintptr_t, int)"),
    connect: libc.func("int connect(int, void*, uint32_t)"),
    recv: libc.func("intptr_t recv(int, uintptr_t, size_t, int)"),
    send: libc.func("intptr_t send(int, uintptr_t, size_t, int)"),
    recvBytes: libc.func("intptr_t recv(int, void*, size_t, int)"),
    sendBytes: libc.func("intptr_t send(int, void*, size_t, int)"),
    sendmsg: libc.func("intptr_t sendmsg(int, uintptr_t, int)"),
    recvmsg: libc.func("intptr_t recvmsg(int, uintptr_t, int)"),
    sendto: libc.func("intptr_t sendto(int, uintptr_t, size_t, int, void*, uint32_t)"),
    recvmmsg: libc.func("int recvmmsg(int, uintptr_t, unsigned int, int, uintptr_t)"),
    sendmmsg: libc.func("int sendmmsg(int, uintptr_t, unsigned int, int)"),
    shutdown: libc.func("int shutdown(int, int)"),
    close: libc.func("int close(int)"),
    fcntl: libc.func("int fcntl(int, int, ...)"),
    getsockopt: libc.func("int getsockopt(int, int, int, void*, void*)"),
    setsockopt: libc.func("int setsockopt(int, int, int, void*, uint32_t)"),
    getsockname: libc.func("int getsockname(int, void*, void*)"),
    getpeername: libc.func("int getpeername(int, void*, void*)"),
    poll: libc.func("int poll(uintptr_t, unsigned long, int)"),
    epollCreate: libc.func("int epoll_create1(int)"),
    epollControl: libc.func("int epoll_ctl(int, int, int, uintptr_t)"),
    epollWait: libc.func("int epoll_wait(int, uintptr_t, int, int)"),
  } as const;

  const failed = (): number => -errno[0]!;
  /** For calls that are not hot: the closure it makes would cost more than the call it guards. */
  const retry = (call: () => number): number => {
    for (;;) {
      const result = call();
      if (result >= 0) return result;
      if (errno[0] !== EINTR) return failed();
    }
  };
  const SOCKET_FLAGS = constants.SOCK_NONBLOCK! | constants.SOCK_CLOEXEC!;
  const NOSIGNAL = constants.MSG_NOSIGNAL!;
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

    socket: (domain, type, protocol) => retry(() => c.socket(domain, type | SOCKET_FLAGS, protocol)),
    bind: (handle, address) => retry(() => c.bind(handle, address, address.length)),
    listen: (handle, backlog) => retry(() => c.listen(handle, backlog)),
    accept(handle) {
      for (;;) {
        const result: number = c.accept4(handle, 0, 0, SOCKET_FLAGS);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    connect: (handle, address) => (c.connect(handle, address, address.length) === 0 ? 0 : failed()),
    recv(handle, address, length, flags) {
      for (;;) {
        const result: number = c.recv(handle, address, length, flags);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    send(handle, address, length) {
      for (;;) {
        const result: number = c.send(handle, address, length, NOSIGNAL);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    recvBytes: (handle, into, flags) => retry(() => c.recvBytes(handle, into, into.length, flags)),
    sendBytes: (handle, bytes) => retry(() => c.sendBytes(handle, bytes, bytes.length, NOSIGNAL)),
    sendMessage(handle, message) {
      for (;;) {
        const result: number = c.sendmsg(handle, message, NOSIGNAL);
        if (result >= 0) return result;
        if (errno[0] !== EINTR) return failed();
      }
    },
    recvFrom(handle, address, size, from) {
      const result = retry(() => c.recvmsg(handle, one.prepare(address, size), 0));
      if (result < 0) return result;
      from.set(one.name);
      return one.cut(constants.MSG_TRUNC) ? size + 1 : result;
    },
    sendTo: (handle, address, size, to) => retry(() => c.sendto(handle, address, size, NOSIGNAL, to, to.length)),
    recvMessages: (handle, messages, count) => retry(() => c.recvmmsg(handle, messages, count, 0, 0)),
    sendMessages: (handle, messages, count) => retry(() => c.sendmmsg(handle, messages, count, NOSIGNAL)),
    shutdown: (handle, how) => retry(() => c.shutdown(handle, how)),
    close: (handle) => (c.close(handle) === 0 ? 0 : failed()),
    setNonBlocking(handle, enabled) {
      const flags = retry(() => c.fcntl(handle, constants.F_GETFL, "int", 0));
      if (flags < 0) return flags;
      const wanted = enabled ? flags | constants.O_NONBLOCK! : flags & ~constants.O_NONBLOCK!;
      return retry(() => c.fcntl(handle, constants.F_SETFL, "int", wanted));
    },
    setCloseOnExec: (handle) => retry(() => c.fcntl(handle, constants.F_SETFD, "int", constants.FD_CLOEXEC)),
    getOption: (handle, level, name, into) => withLength(into, () => c.getsockopt(handle, level, name, into, length)),
    setOption: (handle, level, name, value) => retry(() => c.setsockopt(handle, level, name, value, value.length)),
    localAddress: (handle, into) => withLength(into, () => c.getsockname(handle, into, length)),
    remoteAddress: (handle, into) => withLength(into, () => c.getpeername(handle, into, length)),

    poll(address, count, timeoutMs) {
      // A signal ends the wait early: reported as "nothing ready", so that the caller works out its timeout anew.
      const result: number = c.poll(address, count, timeoutMs);
      return result >= 0 ? result : errno[0] === EINTR ? 0 : failed();
    },
    pollAsync: (address, count, timeoutMs, done) => c.poll.async(address, count, timeoutMs, done),
    epollCreate: () => retry(() => c.epollCreate(constants.EPOLL_CLOEXEC!)),
    epollControl: (epoll, operation, handle, event) => retry(() => c.epollControl(epoll, operation, handle, event)),
    epollWait(epoll, events, count, timeoutMs) {
      const result: number = c.epollWait(epoll, events, count, timeoutMs);
      return result >= 0 ? result : errno[0] === EINTR ? 0 : failed();
    },
    epollWaitAsync: (epoll, events, count, timeoutMs, done) => c.epollWait.async(epoll, events, count, timeoutMs, done),
  };
}
