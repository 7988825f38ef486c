import type { CFunction, CLibrary } from "./c-function.js";
import type { Constants } from "./constants/constants.js";
import type { Layouts } from "./layouts/layouts.js";

/** The functions of a Unix C library that sockets need; null where the system has no such. */
export interface PosixFunctions {
  readonly socket: CFunction;
  readonly bind: CFunction;
  readonly listen: CFunction;
  readonly accept: CFunction;
  readonly accept4: CFunction | null;
  readonly connect: CFunction;
  readonly recv: CFunction;
  readonly send: CFunction;
  readonly recvBytes: CFunction;
  readonly sendBytes: CFunction;
  readonly sendmsg: CFunction;
  readonly recvmsg: CFunction;
  readonly sendto: CFunction;
  readonly recvmmsg: CFunction | null;
  readonly sendmmsg: CFunction | null;
  readonly shutdown: CFunction;
  readonly close: CFunction;
  readonly fcntl: CFunction;
  readonly getsockopt: CFunction;
  readonly setsockopt: CFunction;
  readonly getsockname: CFunction;
  readonly getpeername: CFunction;
  readonly poll: CFunction;
}

/**
 * Declares them. Addresses are `uintptr_t` where a call is hot, `void*` where a typed array is handed over once.
 *
 * Where systems disagree on an integer, parameters have the wider type and results the narrower one, which is right for
 * both: `nfds_t` is `unsigned int` on BSDs, and FreeBSD's `recvmmsg` counts in `size_t` and `ssize_t`.
 */
export function posixFunctions(libc: CLibrary, constants: Constants, layouts: Layouts): PosixFunctions {
  const hasAccept4 = constants.SOCK_NONBLOCK !== null;
  const hasBatches = layouts.mmsghdr !== null;
  return {
    socket: libc.func("int socket(int, int, int)"),
    bind: libc.func("int bind(int, void*, uint32_t)"),
    listen: libc.func("int listen(int, int)"),
    accept: libc.func("int accept(int, uintptr_t, uintptr_t)"),
    accept4: hasAccept4 ? libc.func("int accept4(int, uintptr_t, uintptr_t, int)") : null,
    connect: libc.func("int connect(int, void*, uint32_t)"),
    recv: libc.func("intptr_t recv(int, uintptr_t, size_t, int)"),
    send: libc.func("intptr_t send(int, uintptr_t, size_t, int)"),
    recvBytes: libc.func("intptr_t recv(int, void*, size_t, int)"),
    sendBytes: libc.func("intptr_t send(int, void*, size_t, int)"),
    sendmsg: libc.func("intptr_t sendmsg(int, uintptr_t, int)"),
    recvmsg: libc.func("intptr_t recvmsg(int, uintptr_t, int)"),
    sendto: libc.func("intptr_t sendto(int, uintptr_t, size_t, int, void*, uint32_t)"),
    recvmmsg: hasBatches ? libc.func("int recvmmsg(int, uintptr_t, size_t, int, uintptr_t)") : null,
    sendmmsg: hasBatches ? libc.func("int sendmmsg(int, uintptr_t, size_t, int)") : null,
    shutdown: libc.func("int shutdown(int, int)"),
    close: libc.func("int close(int)"),
    fcntl: libc.func("int fcntl(int, int, ...)"),
    getsockopt: libc.func("int getsockopt(int, int, int, void*, void*)"),
    setsockopt: libc.func("int setsockopt(int, int, int, void*, uint32_t)"),
    getsockname: libc.func("int getsockname(int, void*, void*)"),
    getpeername: libc.func("int getpeername(int, void*, void*)"),
    poll: libc.func("int poll(uintptr_t, unsigned long, int)"),
  };
}
