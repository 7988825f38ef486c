import { type NativeMemory, type SocketAddress, type System, type SystemError, system, systemError } from "@p2pnet/sys";
import { diedInTheQueue } from "./accept-errors.js";
import { localAddressOf, remoteAddressOf, toSocketAddress } from "./address.js";
import { expectBytes, expectInteger, expectOneOf, expectRange, expectRoom, SocketError } from "./errors.js";
import { adoptHandle, openHandle } from "./open-handle.js";
import { SocketOptions } from "./socket-options.js";

/** Not now: nothing to receive or accept yet, or no room to send. A value, because it is expected. */
export const WOULD_BLOCK = -1;

export type SocketKind = "tcp";
export type SocketFamily = 4 | 6;

/** Whoever watches a socket, normally an event loop. A socket has at most one. */
export interface SocketOwner {
  /** The socket is about to close or be detached: forget it. */
  release(socket: Socket): void;
}

const CLOSED = -1;

/**
 * An operating-system socket. Non-blocking unless `setNonBlocking(false)` is called, never inherited by a child process.
 *
 * What is expected is returned (`WOULD_BLOCK`, `null`, `0` at the peer's end); everything else throws a `SystemError`
 * in Node's shape. Using a closed socket throws `ERR_SOCKET_CLOSED` and touches no other socket that got its number.
 */
export class Socket {
  readonly kind: SocketKind;
  readonly family: SocketFamily;
  readonly #system: System;
  #handle: number;
  #owner: SocketOwner | null = null;
  #options: SocketOptions | null = null;
  /** Where a connect is under way to, for its error's message. */
  #connecting: SocketAddress | null = null;
  #raised: SystemError | null = null;

  private constructor(system: System, handle: number, kind: SocketKind, family: SocketFamily) {
    this.#system = system;
    this.#handle = handle;
    this.kind = kind;
    this.family = family;
  }

  /**
   * Opens a socket. IPv6 ones take IPv6 only unless `ipv6Only: false` makes them dual-stack.
   *
   * @throws SystemError as socket(2): `EMFILE`, `ENFILE`, `EAFNOSUPPORT`, ...
   */
  static open(kind: SocketKind, options: { family?: SocketFamily; ipv6Only?: boolean } = {}): Socket {
    const { family = 4, ipv6Only = true } = options;
    expectOneOf("kind", kind, ["tcp"]);
    expectOneOf("family", family, [4, 6]);
    const sys = system();
    return new Socket(sys, openHandle(sys, family, ipv6Only), kind, family);
  }

  /**
   * Takes over an open TCP socket handle, which must not be watched or closed elsewhere. It becomes non-blocking, and no
   * child process inherits it from here on. A handle that is refused is left as it was.
   *
   * @throws SystemError `EBADF`, `ENOTSOCK`; SocketError `ERR_INVALID_ARG_VALUE` for a socket of another kind
   */
  static fromHandle(handle: number): Socket {
    const sys = system();
    return new Socket(sys, handle, "tcp", adoptHandle(sys, handle));
  }

  /** The system's own handle. @throws SocketError `ERR_SOCKET_CLOSED` */
  get handle(): number {
    this.#expectOpen();
    return this.#handle;
  }

  get closed(): boolean {
    return this.#handle === CLOSED;
  }

  /** Options by name, each read from and written to the system. */
  get options(): SocketOptions {
    this.#options ??= new SocketOptions(this.#system, () => this.handle);
    return this.#options;
  }

  /**
   * Binds to a numeric local address; port 0 lets the system choose. An IPv6 one may carry a scope, as `scopeId` or as in
   * `fe80::1%eth0`.
   *
   * @throws SystemError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, ...; AddressError `ERR_INVALID_IP_ADDRESS`,
   * `ERR_SOCKET_BAD_PORT`, `ERR_INVALID_SCOPE_ID`; SocketError `ERR_INVALID_ARG_TYPE`
   */
  bind(address: { address: string; port: number }): void {
    const at = toSocketAddress(address, this.family);
    const result = this.#system.bind(this.handle, this.#system.addresses.encode(at));
    if (result < 0) throw systemError("bind", -result, at);
  }

  /** Listens, with room for `backlog` connections that nobody has accepted yet (the system may cap it). */
  listen(backlog = 4096): void {
    expectInteger("backlog", backlog, 0, 0x7fffffff);
    const result = this.#system.listen(this.handle, backlog);
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
      const handle = this.#system.accept(this.handle);
      if (handle >= 0) return new Socket(this.#system, handle, this.kind, this.family);
      if (-handle === this.#system.constants.EAGAIN) return null;
      if (!diedInTheQueue(this.#system, -handle)) throw this.#raise("accept", -handle);
    }
  }

  /**
   * Connects to a numeric address. True when connected; false when under way: wait until the socket is writable, then
   * `takeError()` tells how it went. A blocking socket waits here; false means then that its `sendTimeoutMs` passed or a
   * signal came, while the connect goes on.
   *
   * @throws SystemError `ECONNREFUSED`, `ENETUNREACH`, `EADDRNOTAVAIL`, `EISCONN`, ...; AddressError and SocketError as `bind`
   */
  connect(address: { address: string; port: number }): boolean {
    const to = toSocketAddress(address, this.family);
    const result = this.#system.connect(this.handle, this.#system.addresses.encode(to));
    const { EINPROGRESS, EINTR } = this.#system.constants;
    const underWay = -result === EINPROGRESS || -result === EINTR;
    if (result < 0 && !underWay) throw systemError("connect", -result, to);
    this.#connecting = underWay ? to : null;
    return !underWay;
  }

  /**
   * Receives into `into`: the number of bytes, 0 when the peer has finished, or `WOULD_BLOCK`. What arrived before a reset
   * is received before the error.
   *
   * @throws SystemError `ECONNRESET`, `ENOTCONN`, ...; SocketError `ERR_OUT_OF_RANGE` if `into` is empty, `ERR_INVALID_ARG_TYPE`
   */
  recv(into: Uint8Array): number {
    return this.#received(this.#system.recvBytes(this.handle, expectRoom("into", into), 0));
  }

  /** As `recv`, into a part of native memory: the fast way, without a view per call. */
  recvInto(memory: NativeMemory, offset: number, length: number): number {
    expectRange(offset, length, memory.bytes.length);
    return this.#received(this.#system.recv(this.handle, memory.address + offset, length, 0));
  }

  /** As `recv`, but leaves the bytes where they are. */
  peek(into: Uint8Array): number {
    const { MSG_PEEK } = this.#system.constants;
    return this.#received(this.#system.recvBytes(this.handle, expectRoom("into", into), MSG_PEEK));
  }

  /**
   * Sends from the start of `bytes`: how many the system took, possibly fewer than given, or `WOULD_BLOCK`. They are the
   * caller's again when this returns.
   *
   * @throws SystemError `EPIPE`, `ECONNRESET`, `ENOTCONN`, ... (never a SIGPIPE); SocketError `ERR_INVALID_ARG_TYPE`
   */
  send(bytes: Uint8Array): number {
    return this.#sent(this.#system.sendBytes(this.handle, expectBytes("bytes", bytes)));
  }

  /** As `send`, from a part of native memory. */
  sendFrom(memory: NativeMemory, offset: number, length: number): number {
    expectRange(offset, length, memory.bytes.length);
    return this.#sent(this.#system.send(this.handle, memory.address + offset, length));
  }

  /** As `send`, of several pieces at once; `message` is the address of a filled-in `msghdr`. */
  sendGathered(message: number): number {
    return this.#sent(this.#system.sendMessage(this.handle, message));
  }

  /** Ends one or both directions; the peer reads the end after what was sent. @throws SystemError `ENOTCONN` */
  shutdown(how: "read" | "write" | "both" = "write"): void {
    expectOneOf("how", how, ["read", "write", "both"]);
    const { SHUT_RD, SHUT_WR, SHUT_RDWR } = this.#system.constants;
    const result = this.#system.shutdown(this.handle, { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR }[how]);
    if (result < 0) throw systemError("shutdown", -result);
  }

  setNonBlocking(enabled: boolean): void {
    const result = this.#system.setNonBlocking(this.handle, enabled);
    if (result < 0) throw systemError("fcntl", -result);
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
    return to === null ? systemError("read", error) : systemError("connect", error, to);
  }

  /** Whether `error` was thrown by this socket's own `recv`, `send` or `accept`, and not by another's. */
  raised(error: unknown): error is SystemError {
    return error !== null && error === this.#raised;
  }

  get localAddress(): SocketAddress {
    return localAddressOf(this.#system, this.handle);
  }

  /** @throws SystemError `ENOTCONN` */
  get remoteAddress(): SocketAddress {
    return remoteAddressOf(this.#system, this.handle);
  }

  /** Makes `owner` the one that watches this socket. @throws SocketError `ERR_SOCKET_IN_USE` if it has another */
  claim(owner: SocketOwner): void {
    this.#expectOpen();
    if (this.#owner !== null) {
      throw new SocketError("ERR_SOCKET_IN_USE", "socket: expected one that no event loop watches, got one in use");
    }
    this.#owner = owner;
  }

  /** Gives up the claim of `owner`; that of another stays. */
  disown(owner: SocketOwner): void {
    if (this.#owner === owner) this.#owner = null;
  }

  /** Gives the open handle away: from here on it is the caller's to close, and this socket counts as closed. */
  detach(): number {
    this.#letGo();
    const { handle } = this;
    this.#handle = CLOSED;
    return handle;
  }

  /** Closes, after its owner has let go of it. Closing twice is allowed. What the system took is still sent. */
  close(): void {
    try {
      this.#letGo();
    } finally {
      // The owner may have closed it by itself: another may have the number by now.
      const handle = this.#handle;
      this.#handle = CLOSED;
      // The descriptor is gone whatever close says, and EINTR must not be retried for the same reason.
      if (handle !== CLOSED) this.#system.close(handle);
    }
  }

  /** Closes with a reset: the peer gets ECONNRESET, and unsent bytes are dropped. */
  abort(): void {
    if (this.#handle === CLOSED) return;
    try {
      this.options.linger = 0;
    } catch {
      // A socket that cannot linger (already reset) closes all the same.
    }
    this.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #expectOpen(): void {
    if (this.#handle !== CLOSED) return;
    throw new SocketError("ERR_SOCKET_CLOSED", "socket: expected an open one, got a closed one");
  }

  #letGo(): void {
    const owner = this.#owner;
    this.#owner = null;
    owner?.release(this);
  }

  #received(result: number): number {
    if (result >= 0) return result;
    if (-result === this.#system.constants.EAGAIN) return WOULD_BLOCK;
    throw this.#raise("read", -result);
  }

  #sent(result: number): number {
    if (result >= 0) return result;
    if (-result === this.#system.constants.EAGAIN) return WOULD_BLOCK;
    throw this.#raise("write", -result);
  }

  #raise(syscall: string, errno: number): SystemError {
    this.#raised = systemError(syscall, errno);
    return this.#raised;
  }
}
