import { Socket, WOULD_BLOCK } from "@p2pnet/socket";

/** The loopback delivers at once, or nearly: how long what was sent is waited for. */
const LIMIT_MS = 10_000;

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Listens on a free port of the loopback. */
export function listening(): Socket {
  const socket = Socket.open("tcp");
  socket.bind({ address: "127.0.0.1", port: 0 });
  socket.listen();
  return socket;
}

/** A new connection to `listener`: the connecting end, and the accepted one. */
export function connectTo(listener: Socket): [Socket, Socket] {
  const near = Socket.open("tcp");
  near.connect(listener.localAddress);
  return [near, soon("a connection", () => listener.accept())];
}

/** Two joined sockets. */
export function connectedPair(): [Socket, Socket] {
  const listener = listening();
  const pair = connectTo(listener);
  listener.close();
  return pair;
}

/** Sends, and returns once the bytes have arrived at `receiver`. */
export function deliver(sender: Socket, receiver: Socket, bytes: Uint8Array): void {
  sender.send(bytes);
  const into = new Uint8Array(bytes.length);
  soon(`${bytes.length} bytes`, () => receiver.peek(into) === bytes.length || null);
}

/** Everything that has arrived, as text; the peer's end is told as "<end>". */
export function receive(socket: Socket): string {
  const into = new Uint8Array(65_536);
  let received = "";
  for (;;) {
    const length = socket.recv(into);
    if (length === WOULD_BLOCK) return received;
    if (length === 0) return `${received}<end>`;
    received += Buffer.from(into.buffer, 0, length).toString();
  }
}

/** A port of the loopback on which nobody listens, held as long as the socket is open. */
export function deafPort(): { socket: Socket; port: number } {
  const socket = Socket.open("tcp");
  socket.bind({ address: "127.0.0.1", port: 0 });
  return { socket, port: socket.localAddress.port };
}

/** Opens sockets until one gets the handle's number. Returns all of them, that one last. */
export function openUntilHandle(handle: number): Socket[] {
  const opened: Socket[] = [];
  while (opened.at(-1)?.handle !== handle) {
    if (opened.length === 100) throw new Error(`handle: expected ${handle} to be given again, got 100 others`);
    opened.push(Socket.open("tcp"));
  }
  return opened;
}

function soon<T>(what: string, get: () => T | null): T {
  for (const deadline = performance.now() + LIMIT_MS; performance.now() < deadline; ) {
    const value = get();
    if (value !== null) return value;
  }
  throw new Error(`loopback: expected ${what} within ${LIMIT_MS} ms, got nothing`);
}
