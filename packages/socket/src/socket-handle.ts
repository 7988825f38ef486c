import { type AddressFamily, type ErrorAddress, type System, type SystemError, systemError } from "@p2pnet/sys";
import type { BoundPath } from "./bound-path.js";
import { SocketError } from "./errors.js";
import type { SocketKind, SocketType } from "./kind.js";
import { SocketOptions } from "./socket-options.js";

/** Whoever watches a socket. */
export interface Owner<Watched> {
  /** The socket is about to close or be detached: forget it. */
  release(socket: Watched): void;
}

const CLOSED = -1;

/** The life of a handle: whose it is, what failed on it, and its end. What is done with it meanwhile is `Socket`'s. */
export abstract class SocketHandle {
  /** What it is; accepted sockets share that of their listener. */
  protected readonly type: SocketType;
  protected readonly system: System;
  /** What `bind` has made in the file system, which ends with the socket. */
  protected boundPath: BoundPath | null = null;
  /** Whether its calls wait. */
  protected blocking = false;
  #handle: number;
  #owner: Owner<this> | null = null;
  #options: SocketOptions | null = null;
  #raised: SystemError | null = null;

  protected constructor(system: System, handle: number, type: SocketType) {
    this.system = system;
    this.#handle = handle;
    this.type = type;
  }

  get kind(): SocketKind {
    return this.type.kind;
  }

  /** 4 or 6 for TCP and UDP, "unix" for Unix sockets. */
  get family(): AddressFamily {
    return this.type.family;
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
    this.#options ??= new SocketOptions(this.system, () => this.handle, this);
    return this.#options;
  }

  setNonBlocking(enabled: boolean): void {
    const result = this.system.setNonBlocking(this.handle, enabled);
    if (result < 0) throw systemError("fcntl", -result);
    this.blocking = !enabled;
  }

  /** Makes `owner` the one that watches this socket. @throws SocketError `ERR_SOCKET_IN_USE` if it has another */
  claim(owner: Owner<this>): void {
    this.#expectOpen();
    if (this.#owner !== null) {
      throw new SocketError("ERR_SOCKET_IN_USE", "socket: expected one that no event loop watches, got one in use");
    }
    this.#owner = owner;
  }

  /** Gives up the claim of `owner`; that of another stays. */
  disown(owner: Owner<this>): void {
    if (this.#owner === owner) this.#owner = null;
  }

  /**
   * Gives the open handle away: from here on it is the caller's to close, and this socket counts as closed. A Unix
   * socket's path stays, and is the caller's too.
   */
  detach(): number {
    this.#letGo();
    const { handle } = this;
    this.#handle = CLOSED;
    return handle;
  }

  /**
   * Closes, after its owner has let go of it. Closing twice is allowed. What the system took is still sent. A Unix socket
   * that bound a path removes it, unless another has taken the path's place.
   */
  close(): void {
    try {
      this.#letGo();
    } finally {
      // The owner may have closed it by itself: another may have the number by now.
      const handle = this.#handle;
      this.#handle = CLOSED;
      if (handle !== CLOSED) {
        // First, because another file may get the number of its file once it is closed.
        this.boundPath?.remove();
        // The descriptor is gone whatever close says, and EINTR must not be retried for the same reason.
        this.system.close(handle);
      }
    }
  }

  /**
   * Closes with a reset: a TCP peer gets ECONNRESET, and unsent bytes are dropped. The peer of a Unix socket gets that only
   * if it has sent what was not received, and reads the end otherwise.
   */
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

  /** Whether `error` was thrown by this socket's own receiving, sending or accepting, and not by another's. */
  raised(error: unknown): error is SystemError {
    return error !== null && error === this.#raised;
  }

  /** Makes the error that `raised` knows. */
  protected raise(syscall: string, errno: number, where?: ErrorAddress): SystemError {
    this.#raised = systemError(syscall, errno, where);
    return this.#raised;
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
}
