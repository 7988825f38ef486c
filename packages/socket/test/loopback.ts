import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AddressFamily, NativeMemory, system } from "@p2pnet/sys";
import { Socket, type SocketAddress, type SocketEndpoint, type SocketKind } from "../src/index.js";

/** How long a test waits for what must come. */
const LIMIT_MS = 20_000;

export interface LoopbackOptions {
  readonly kind: SocketKind;
  readonly family: AddressFamily;
  /** With timeouts then, so that "not now" is an outcome for blocking sockets too. */
  readonly blocking: boolean;
}

/** Sockets that stay within the machine, and are closed when the test is over. */
export class Loopback {
  readonly kind: SocketKind;
  readonly family: AddressFamily;
  readonly blocking: boolean;
  /** For TCP and UDP. */
  readonly host: string;
  readonly #sockets: Socket[] = [];
  #folder: string | null = null;
  #places = 0;

  constructor({ kind, family, blocking }: LoopbackOptions) {
    this.kind = kind;
    this.family = family;
    this.blocking = blocking;
    this.host = family === 4 ? "127.0.0.1" : "::1";
  }

  /** Closes `socket` when the test is over, unless that happened before. */
  keep(socket: Socket): Socket {
    this.#sockets.push(socket);
    return socket;
  }

  open(): Socket {
    const { kind, family } = this;
    return this.#prepared(family === "unix" ? Socket.open(kind) : Socket.open(kind, { family }));
  }

  /** Where a socket can be bound. */
  place(): SocketEndpoint {
    return this.family === "unix" ? { path: this.path() } : { address: this.host, port: 0 };
  }

  /** A path at which there is nothing. */
  path(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), "p2pnet-"));
    return join(this.#folder, `${this.#places++}.sock`);
  }

  bound(): Socket {
    const socket = this.open();
    socket.bind(this.place());
    return socket;
  }

  listener(backlog?: number): Socket {
    const socket = this.bound();
    socket.listen(backlog);
    return socket;
  }

  /** The address at which a socket was, but nobody is any more. */
  deserted(): SocketAddress {
    const socket = this.bound();
    const { localAddress } = socket;
    // Not through the socket, which would take a path along.
    system().close(socket.detach());
    return localAddress;
  }

  /** Connects to the end, however long it is under way. */
  connect(socket: Socket, address: SocketEndpoint): void {
    if (socket.connect(address)) return;
    waitFor(socket, "writable");
    const error = socket.takeError();
    if (error !== null) throw error;
  }

  accept(listener: Socket): Socket {
    waitFor(listener, "readable");
    const socket = listener.accept();
    if (socket === null) throw new Error("accept: expected a connection, got null");
    return this.#prepared(socket);
  }

  /** Two connected sockets. */
  pair(): [left: Socket, right: Socket] {
    if (this.kind === "udp") return this.#udpPair();
    const listener = this.listener();
    const left = this.open();
    this.connect(left, listener.localAddress);
    const right = this.accept(listener);
    listener.close();
    return [left, right];
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true });
    this.#folder = null;
  }

  #udpPair(): [left: Socket, right: Socket] {
    const [left, right] = [this.bound(), this.bound()];
    this.connect(left, right.localAddress);
    this.connect(right, left.localAddress);
    return [left, right];
  }

  #prepared(socket: Socket): Socket {
    if (this.blocking) {
      socket.setNonBlocking(false);
      socket.options.receiveTimeoutMs = 40;
      socket.options.sendTimeoutMs = 40;
    }
    return this.keep(socket);
  }
}

/** The address as errors carry it, and as their messages end with it. */
export function inErrors({ family, address, port }: SocketAddress): { fields: object; text: string } {
  return family === "unix"
    ? { fields: { address }, text: address }
    : { fields: { address, port }, text: `${address}:${port}` };
}

/** Waits until the system reports `socket` as ready; failed and hung-up sockets are ready too. */
export function waitFor(socket: Socket, readiness: "readable" | "writable"): void {
  const sys = system();
  const { POLLIN, POLLOUT } = sys.constants;
  const { size, fields } = sys.layouts.pollfd;
  const memory = new NativeMemory(size);
  const view = new DataView(memory.bytes.buffer);
  if (fields.fd.size === 8) view.setBigUint64(fields.fd.offset, BigInt(socket.handle), true);
  else view.setInt32(fields.fd.offset, socket.handle, true);
  view.setInt16(fields.events.offset, readiness === "readable" ? POLLIN : POLLOUT, true);
  const count = sys.poll(memory.address, 1, LIMIT_MS);
  if (count !== 1) throw new Error(`poll: expected the socket to become ${readiness}, got ${count}`);
}

/** Receives exactly `length` bytes. */
export function receive(socket: Socket, length: number): Uint8Array {
  const into = new Uint8Array(length);
  for (let received = 0; received < length; ) {
    waitFor(socket, "readable");
    const count = socket.recv(into.subarray(received));
    if (count <= 0) throw new Error(`recv: expected ${length} bytes, got ${received} and then ${count}`);
    received += count;
  }
  return into;
}

/** The next outcome of `recv`, of a single byte. */
export function receiveOutcome(socket: Socket): number {
  waitFor(socket, "readable");
  return socket.recv(new Uint8Array(1));
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const text = (value: Uint8Array): string => new TextDecoder().decode(value);

/** What a call throws. */
export function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error, got none");
}
