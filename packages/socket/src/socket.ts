import { type NativeMemory, type SocketAddress, type SystemError, system, systemError } from "@p2pnet/sys";
import { diedInTheQueue } from "./accept-errors.js";
import { localAddressOf, remoteAddressOf, type SocketEndpoint, toSocketAddress, type UnixEndpoint } from "./address.js";
import { BoundPath, removeStale } from "./bound-path.js";
import { DatagramCalls } from "./datagram-calls.js";
import { expectBytes, expectInteger, expectOneOf, expectRange, expectRoom } from "./errors.js";
import { type SocketFamily, type SocketKind, socketType } from "./kind.js";
import { adoptHandle, openHandle } from "./open-handle.js";
import type { Owner } from "./socket-handle.js";
import { WOULD_BLOCK } from "./would-block.js";

/** Whoever watches a socket, normally an event loop. A socket has at most one. */
export type SocketOwner = Owner<Socket>;

/**
 * An operating-system socket. Non-blocking unless `setNonBlocking(false)` is called, never inherited by a child process.
 *
 * What is expected is returned (`WOULD_BLOCK`, `null`, `0` at the peer's end); everything else throws a `SystemError`
 * in Node's shape. Using a closed socket throws `ERR_SOCKET_CLOSED` and touches no other socket that got its number.
 */
export class Socket extends DatagramCalls {
  /** Where a connect is under way to, for its error's message. */
  #connecting: SocketAddress | null = null;

  /**
   * Opens a socket. IPv6 ones take IPv6 only unless `ipv6Only: false` makes them dual-stack; Unix ones have no such family.
   *
   * @throws SystemError as socket(2): `EMFILE`, `ENFILE`, `EAFNOSUPPORT`, ...; SocketError `ERR_INVALID_ARG_VALUE`
   */
  static open(kind: SocketKind, options: { family?: SocketFamily; ipv6Only?: boolean } = {}): Socket {
    const type = socketType(kind, options.family);
    const sys = system();
    return new Socket(sys, openHandle(sys, type, options.ipv6Only ?? true), type);
  }

  /**
   * Takes over the open handle of a TCP, UDP or Unix stream socket, which must not be watched or closed elsewhere. It
   * becomes non-blocking, and no child process inherits it from here on. A handle that is refused is left as it was.
   *
   * @throws SystemError `EBADF`, `ENOTSOCK`; SocketError `ERR_INVALID_ARG_VALUE` for a socket of another kind
   */
  static fromHandle(handle: number): Socket {
    const sys = system();
    return new Socket(sys, handle, adoptHandle(sys, handle));
  }

  /**
   * Binds to a numeric local address, where port 0 lets the system choose and an IPv6 one may carry a scope (as `scopeId` or
   * as in `fe80::1%eth0`); or a Unix socket to a path, a file that `close` removes. With `replaceStale`, such a file that a
   * server left behind is replaced. It counts as left behind when nobody listens there, so do not bind long before `listen`.
   *
   * @throws SystemError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, for paths also `ENOENT`, `EINVAL` or `ENAMETOOLONG` (too
   * long), ...; AddressError `ERR_INVALID_IP_ADDRESS`, `ERR_SOCKET_BAD_PORT`, `ERR_INVALID_SCOPE_ID`,
   * `ERR_INVALID_UNIX_PATH`; SocketError `ERR_INVALID_ARG_TYPE`
   */
  bind(address: SocketEndpoint | (UnixEndpoint & { readonly replaceStale?: boolean })): void {
    const at = toSocketAddress(address, this.family);
    const encoded = this.system.addresses.encode(at);
    let result = this.system.bind(this.handle, encoded);
    const replaces = "replaceStale" in address && address.replaceStale === true;
    if (replaces && -result === this.system.constants.EADDRINUSE && removeStale(this.system, at)) {
      result = this.system.bind(this.handle, encoded);
    }
    if (result < 0) throw systemError("bind", -result, at);
    this.boundPath = BoundPath.at(at);
  }

  /** Listens, with room for `backlog` connections that nobody has accepted yet (the system may cap it). */
  listen(backlog = 4096): void {
    expectInteger("backlog", backlog, 0, 0x7fffffff);
    const result = this.system.listen(this.handle, backlog);
    if (result < 0) throw systemError("listen", -result);
  }

  /**
   * The next connection, which is non-blocking, or null when none is waiting (or a blocking socket's `receiveTimeoutMs`
   * passed). Connections that died while waiting are passed over.
   *
   * @throws SystemError `EMFILE`, `ENFILE`, `EINVAL` (the socket does not listen), ...
   */
  accept(): Socket | null {
    for (;;) {
      const handle = this.system.accept(this.handle);
      if (handle >= 0) return new Socket(this.system, handle, this.type);
      if (-handle === this.system.constants.EAGAIN) return null;
      // UDP has no queue: there, EOPNOTSUPP would be passed over for ever.
      if (this.kind === "udp" || !diedInTheQueue(this.system, -handle)) throw this.raise("accept", -handle);
    }
  }

  /**
   * A connection that the system has accepted for this socket by other means than `accept`: its handle, non-blocking and
   * inherited by no exec, is the new socket's.
   */
  accepted(handle: number): Socket {
    return new Socket(this.system, handle, this.type);
  }

  /**
   * Connects to a numeric address or a path. True when connected; false when under way: wait until the socket is writable,
   * then `takeError()` tells how it went. A blocking socket waits here; false means then that its `sendTimeoutMs` passed or
   * a signal came, while the connect goes on. A UDP socket asks nobody: it only gets a peer for `send` and `recv`, and what
   * others send does not come any more.
   *
   * @throws SystemError `ECONNREFUSED`, `ENETUNREACH`, `EADDRNOTAVAIL`, `EISCONN`, for paths also `ENOENT`, `EACCES`, and
   * `EAGAIN` if the listener's queue is full, ...; AddressError and SocketError as `bind`
   */
  connect(address: SocketEndpoint): boolean {
    const to = toSocketAddress(address, this.family);
    const result = this.system.connect(this.handle, this.system.addresses.encode(to));
    const { EINPROGRESS, EINTR } = this.system.constants;
    const underWay = -result === EINPROGRESS || -result === EINTR;
    if (result < 0 && !underWay) throw systemError("connect", -result, to);
    this.#connecting = underWay ? to : null;
    return !underWay;
  }

  /**
   * Receives into `into`: the number of bytes, 0 when the peer has finished, or `WOULD_BLOCK`. What arrived before a reset
   * is received before the error. A UDP socket receives one datagram, which is cut to the length of `into`; 0 is an empty
   * one there, and no end.
   *
   * @throws SystemError `ECONNRESET`, `ENOTCONN`, ... (syscall `read`, for UDP `recvmsg`); SocketError `ERR_OUT_OF_RANGE` if
   * `into` is empty, `ERR_INVALID_ARG_TYPE`
   */
  recv(into: Uint8Array): number {
    return this.#received(this.system.recvBytes(this.handle, expectRoom("into", into), 0));
  }

  /** As `recv`, into a part of native memory: the fast way, without a view per call. */
  recvInto(memory: NativeMemory, offset: number, length: number): number {
    expectRange(offset, length, memory.bytes.length);
    return this.#received(this.system.recv(this.handle, memory.address + offset, length, 0));
  }

  /** As `recv`, but leaves the bytes where they are. */
  peek(into: Uint8Array): number {
    const { MSG_PEEK } = this.system.constants;
    return this.#received(this.system.recvBytes(this.handle, expectRoom("into", into), MSG_PEEK));
  }

  /**
   * Sends from the start of `bytes`: how many the system took, possibly fewer than given, or `WOULD_BLOCK`. They are the
   * caller's again when this returns. A connected UDP socket sends them as one datagram, whole or not at all.
   *
   * @throws SystemError `EPIPE`, `ECONNRESET`, `ENOTCONN`, for UDP `EDESTADDRREQ`, `EMSGSIZE`, ... (syscall `write`, for UDP
   * `send`; never a SIGPIPE); SocketError `ERR_INVALID_ARG_TYPE`
   */
  send(bytes: Uint8Array): number {
    return this.#sent(this.system.sendBytes(this.handle, expectBytes("bytes", bytes)));
  }

  /** As `send`, from a part of native memory. */
  sendFrom(memory: NativeMemory, offset: number, length: number): number {
    expectRange(offset, length, memory.bytes.length);
    return this.#sent(this.system.send(this.handle, memory.address + offset, length));
  }

  /** As `send`, of several pieces at once; `message` is the address of a filled-in `msghdr`. */
  sendGathered(message: number): number {
    return this.#sent(this.system.sendMessage(this.handle, message));
  }

  /** Ends one or both directions; the peer reads the end after what was sent. @throws SystemError `ENOTCONN` */
  shutdown(how: "read" | "write" | "both" = "write"): void {
    expectOneOf("how", how, ["read", "write", "both"]);
    const { SHUT_RD, SHUT_WR, SHUT_RDWR } = this.system.constants;
    const result = this.system.shutdown(this.handle, { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR }[how]);
    if (result < 0) throw systemError("shutdown", -result);
  }

  /**
   * The pending error (SO_ERROR), which this clears, or null: how a connect went (once the socket is writable), or what broke
   * the connection.
   */
  takeError(): SystemError | null {
    const error = this.options.takeError();
    const to = this.#connecting;
    this.#connecting = null;
    if (error === 0) return null;
    return to === null ? systemError(this.#readCall, error) : systemError("connect", error, to);
  }

  get localAddress(): SocketAddress {
    return localAddressOf(this.system, this.handle);
  }

  /** @throws SystemError `ENOTCONN` */
  get remoteAddress(): SocketAddress {
    return remoteAddressOf(this.system, this.handle);
  }

  // Node's names for the calls of its own sockets.
  get #readCall(): string {
    return this.kind === "udp" ? "recvmsg" : "read";
  }

  #received(result: number): number {
    if (result >= 0) return result;
    if (-result === this.system.constants.EAGAIN) return WOULD_BLOCK;
    throw this.raise(this.#readCall, -result);
  }

  #sent(result: number): number {
    if (result >= 0) return result;
    if (-result === this.system.constants.EAGAIN) return WOULD_BLOCK;
    throw this.raise(this.kind === "udp" ? "send" : "write", -result);
  }
}
