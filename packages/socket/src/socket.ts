import { type NativeMemory, type SocketAddress, type System, type SystemError, system, systemError } from "@p2pnet/sys";
import { localAddressOf, remoteAddressOf, toSocketAddress } from "./address.js";
import { expectInteger, expectOneOf, SocketError } from "./errors.js";
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
/** What Linux's `accept(2)` says to treat as "try again": errors of a connection that died in the queue. */
const DEAD_IN_THE_QUEUE = [
  "ECONNABORTED",
  "EPROTO",
  "ENETDOWN",
  "ENOPROTOOPT",
  "EHOSTDOWN",
  "ENONET",
  "EHOSTUNREACH",
  "EOPNOTSUPP",
  "ENETUNREACH",
] as const;

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
    const { AF_INET, AF_INET6, SOCK_STREAM, IPPROTO_TCP } = sys.constants;
    const handle = sys.socket(family === 4 ? AF_INET : AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    if (handle < 0) throw systemError("socket", -handle);
    const socket = new Socket(sys, handle, kind, family);
    try {
      if (family === 6) socket.options.ipv6Only = ipv6Only;
    } catch (error) {
      socket.close();
      throw error;
    }
    return socket;
  }

  /**
   * Takes over an open TCP socket handle, which must not be watched or closed elsewhere, and makes it non-blocking.
   *
   * @throws SystemError `EBADF`, `ENOTSOCK`; SocketError `ERR_INVALID_ARG_VALUE` for a socket of another kind
   */
  static fromHandle(handle: number): Socket {
    expectInteger("handle", handle, 0, Number.MAX_SAFE_INTEGER);
    const sys = system();
    const { family } = localAddressOf(sys, handle);
    const socket = new Socket(sys, handle, "tcp", family);
    if (socket.options.type !== sys.constants.SOCK_STREAM) {
      throw new SocketError("ERR_INVALID_ARG_VALUE", "handle: expected a stream socket, got one of another type");
    }
    socket.setNonBlocking(true);
    return socket;
  }

  /** The system's own handle. @throws SocketError `ERR_SOCKET_CLOSED` */
  get handle(): number {
    if (this.#handle === CLOSED)
      throw new SocketError("ERR_SOCKET_CLOSED", "socket: expected an open one, got a closed one");
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

  /** Binds to a numeric local address; port 0 lets the system choose. @throws SystemError `EADDRINUSE`, `EACCES`, ... */
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
   * The next connection, or null when none is waiting (or a blocking socket's `receiveTimeoutMs` passed).
   * Connections that died while waiting are passed over.
   *
   * @throws SystemError `EMFILE`, `ENFILE`, ...
   */
  accept(): Socket | null {
    const { constants } = this.#system;
    for (;;) {
      const handle = this.#system.accept(this.handle);
      if (handle >= 0) return new Socket(this.#system, handle, this.kind, this.family);
      if (-handle === constants.EAGAIN) return null;
      if (!DEAD_IN_THE_QUEUE.some((name) => constants[name] === -handle)) throw this.#raise("accept", -handle);
    }
  }

  /**
   * Connects to a numeric address. True when connected at once; false when under way: wait until the socket is
   * writable, then `takeError()` tells how it went. A blocking socket waits here.
   *
   * @throws SystemError `ECONNREFUSED`, `ENETUNREACH`, ...
   */
  connect(address: { address: string; port: number }): boolean {
    const to = toSocketAddress(address, this.family);
    const result = this.#system.connect(this.handle, this.#system.addresses.encode(to));
    if (result === 0) return true;
    const { EINPROGRESS, EINTR, EAGAIN } = this.#system.constants;
    // Interrupted, the connection goes on by itself; a blocking one whose sendTimeoutMs passed says EINPROGRESS too.
    if (-result === EINPROGRESS || -result === EINTR || -result === EAGAIN) {
      this.#connecting = to;
      return false;
    }
    throw systemError("connect", -result, to);
  }

  /**
   * Receives into `into`, which must not be empty: the number of bytes, 0 when the peer has finished, or `WOULD_BLOCK`.
   *
   * @throws SystemError `ECONNRESET`, ...
   */
  recv(into: Uint8Array): number {
    if (into.length === 0) throw new SocketError("ERR_OUT_OF_RANGE", "into: expected room for at least 1 byte, got 0");
    return this.#received(this.#system.recvBytes(this.handle, into, 0));
  }

  /** As `recv`, into a part of native memory: the fast way, without a view per call. */
  recvInto(memory: NativeMemory, offset: number, length: number): number {
    return this.#received(this.#system.recv(this.handle, memory.address + offset, length, 0));
  }

  /** As `recv`, but leaves the bytes where they are. */
  peek(into: Uint8Array): number {
    if (into.length === 0) throw new SocketError("ERR_OUT_OF_RANGE", "into: expected room for at least 1 byte, got 0");
    return this.#received(this.#system.recvBytes(this.handle, into, this.#system.constants.MSG_PEEK));
  }

  /**
   * Sends from the start of `bytes`: how many the system took, possibly fewer than given, or `WOULD_BLOCK`.
   *
   * @throws SystemError `EPIPE`, `ECONNRESET`, `ENOTCONN`, ... (never a SIGPIPE)
   */
  send(bytes: Uint8Array): number {
    return this.#sent(this.#system.sendBytes(this.handle, bytes));
  }

  /** As `send`, from a part of native memory. */
  sendFrom(memory: NativeMemory, offset: number, length: number): number {
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

  /** The pending error (SO_ERROR), which this clears, or null: how a connect went, or what broke the connection. */
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
    if (this.#handle === CLOSED) void this.handle;
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
    const handle = this.handle;
    this.#forget();
    return handle;
  }

  /** Closes, after its owner has let go of it. Closing twice is allowed. What the system took is still sent. */
  close(): void {
    if (this.#handle === CLOSED) return;
    const handle = this.#handle;
    this.#forget();
    // The descriptor is gone whatever close says, and EINTR must not be retried: another may have its number already.
    this.#system.close(handle);
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

  #forget(): void {
    const owner = this.#owner;
    this.#owner = null;
    owner?.release(this);
    this.#handle = CLOSED;
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
