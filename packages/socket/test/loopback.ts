import { NativeMemory, system } from "@p2pnet/sys";
import { Socket, type SocketAddress, type SocketFamily } from "../src/index.js";

/** How long a test waits for what must come. */
const LIMIT_MS = 5_000;

export interface LoopbackOptions {
  readonly family: SocketFamily;
  /** With timeouts then, so that "not now" is an outcome for blocking sockets too. */
  readonly blocking: boolean;
}

/** Sockets on the loopback interface, which are closed when the test is over. */
export class Loopback {
  readonly family: SocketFamily;
  readonly blocking: boolean;
  readonly host: string;
  readonly #sockets: Socket[] = [];

  constructor({ family, blocking }: LoopbackOptions) {
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
    return this.#prepared(Socket.open("tcp", { family: this.family }));
  }

  bound(): Socket {
    const socket = this.open();
    socket.bind({ address: this.host, port: 0 });
    return socket;
  }

  listener(backlog?: number): Socket {
    const socket = this.bound();
    socket.listen(backlog);
    return socket;
  }

  /** The address of a port at which nobody listens. */
  deserted(): SocketAddress {
    const socket = this.bound();
    const { localAddress } = socket;
    socket.close();
    return localAddress;
  }

  /** Connects to the end, however long it is under way. */
  connect(socket: Socket, address: SocketAddress): void {
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
    const listener = this.listener();
    const left = this.open();
    this.connect(left, listener.localAddress);
    const right = this.accept(listener);
    listener.close();
    return [left, right];
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
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

/** Waits until the system reports `socket` as ready; failed and hung-up sockets are ready too. */
export function waitFor(socket: Socket, readiness: "readable" | "writable"): void {
  const sys = system();
  const { POLLIN, POLLOUT } = sys.constants;
  const { size, fields } = sys.layouts.pollfd;
  const memory = new NativeMemory(size);
  const view = new DataView(memory.bytes.buffer);
  view.setInt32(fields.fd.offset, socket.handle, true);
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
