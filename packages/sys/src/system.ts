import type { Constants } from "./constants/constants.js";
import type { IoUringCalls } from "./io-uring-calls.js";
import type { Layouts } from "./layouts/layouts.js";
import type { SocketAddressCodec } from "./socket-address.js";

/**
 * The system calls that sockets and backends are made of.
 *
 * Every call returns what the system returned, or the negated errno (as libuv and the Linux kernel do; on Windows what
 * WSAGetLastError said): nothing throws here, so that an expected outcome such as `-EAGAIN` costs nothing. `systemError` turns a failure into an exception.
 * EINTR is retried here and nowhere else, except by `close` (the descriptor is gone either way) and `connect` (it goes
 * on by itself: wait for writability).
 *
 * Memory is given as an address with a length; the caller keeps it alive. Source: the POSIX.1-2017 pages of the same
 * names, and the Linux man pages for `accept4`, `epoll_*`; the Windows Sockets 2 reference.
 */
export interface System {
  readonly constants: Constants;
  readonly layouts: Layouts;
  readonly addresses: SocketAddressCodec;

  /** Opens a non-blocking handle that no exec inherits, nor a process that is started on Windows. */
  socket(domain: number, type: number, protocol: number): number;
  bind(handle: number, address: Uint8Array): number;
  listen(handle: number, backlog: number): number;
  /** The accepted handle is non-blocking and inherited by no exec. */
  accept(handle: number): number;
  /** 0 when connected; `-EINPROGRESS` when under way, on Windows too. A blocking one's SO_SNDTIMEO counts. */
  connect(handle: number, address: Uint8Array): number;
  /** 0 at the peer's end, and once reading was shut down, on Windows too. */
  recv(handle: number, address: number, length: number, flags: number): number;
  /** Never raises SIGPIPE. */
  send(handle: number, address: number, length: number): number;
  /** As `recv` and `send`, on memory of the user's, from its first byte. */
  recvBytes(handle: number, into: Uint8Array, flags: number): number;
  sendBytes(handle: number, bytes: Uint8Array): number;
  /** `sendmsg` with a `msghdr` (WSAMSG) at the given address, whose name and control are not used on Windows. */
  sendMessage(handle: number, message: number): number;
  /**
   * Receives one datagram and fills `from` (at least `addresses.maxSize` bytes) with whom it came from. More than `length`
   * means that the datagram was longer than that, and cut. `-EAGAIN` also once reading was shut down: an end is no datagram.
   */
  recvFrom(handle: number, address: number, length: number, from: Uint8Array): number;
  sendTo(handle: number, address: number, length: number, to: Uint8Array): number;
  /** `recvmmsg` and `sendmmsg` on `count` `mmsghdr` records at the address; null where the system has no such calls. */
  readonly recvMessages: ((handle: number, messages: number, count: number) => number) | null;
  readonly sendMessages: ((handle: number, messages: number, count: number) => number) | null;
  shutdown(handle: number, how: number): number;
  close(handle: number): number;
  setNonBlocking(handle: number, enabled: boolean): number;
  /** No exec inherits the handle from here on. */
  setCloseOnExec(handle: number): number;
  getOption(handle: number, level: number, name: number, into: Uint8Array): number;
  setOption(handle: number, level: number, name: number, value: Uint8Array): number;
  /** Fill `into` and return the address's length. An unbound socket's is the wildcard, on Windows too. */
  localAddress(handle: number, into: Uint8Array): number;
  remoteAddress(handle: number, into: Uint8Array): number;

  /**
   * `poll(2)` on `count` records at the address. `timeoutMs` -1 waits for ever. A handle that is closed is found with
   * POLLNVAL, but on Windows, if there is no other, makes the call fail with ENOTSOCK.
   */
  poll(address: number, count: number, timeoutMs: number): number;
  /**
   * As `poll`, on a thread of the FFI library's pool, and then calls `done` on this one. The records must not change
   * until then. What was found is for a `poll` without waiting to say: the result is of the other thread.
   */
  pollAsync(address: number, count: number, timeoutMs: number, done: () => void): void;
  /** `epoll(7)`. Where `layouts.epoll_event` is null these fail with EOPNOTSUPP. */
  epollCreate(): number;
  epollControl(epoll: number, operation: number, handle: number, event: number): number;
  epollWait(epoll: number, events: number, count: number, timeoutMs: number): number;
  /** As `epollWait`, in the manner of `pollAsync`. */
  epollWaitAsync(epoll: number, events: number, count: number, timeoutMs: number, done: () => void): void;
  /** `io_uring(7)`; null where the system has none. That it has these calls does not mean that it allows them. */
  readonly ioUring: IoUringCalls | null;
}
