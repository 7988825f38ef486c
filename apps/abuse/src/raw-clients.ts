import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { AbuseError } from "./errors.js";

/** Connections that are begun together, so that no server's backlog is too short. */
const WAVE = 250;

/** Clients of `node:net`, which send whatever bytes they like. All that are still there are closed at the end. */
export class RawClients {
  readonly #port: number;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.#port = port;
  }

  /** Begins to connect. The socket reads nothing until it is told to; its errors are nobody's failure. */
  begin(): Socket {
    const socket = connect({ host: "127.0.0.1", port: this.#port, noDelay: true, allowHalfOpen: true });
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
    return socket;
  }

  /** Connects. Where the server resets at once, the socket that it gives is closed. @throws AbuseError `ERR_SILENCE` */
  async open(): Promise<Socket> {
    const socket = this.begin();
    const answered = new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
    await within(10_000, "connect", answered);
    return socket;
  }

  /** Opens many, in waves, and gives each to `use` as soon as it is connected. */
  async each<T>(count: number, use: (socket: Socket, index: number) => T | Promise<T>, wave = WAVE): Promise<T[]> {
    const results: T[] = [];
    for (let start = 0; start < count; start += wave) {
      const indexes = Array.from({ length: Math.min(wave, count - start) }, (_, i) => start + i);
      results.push(...(await Promise.all(indexes.map(async (index) => use(await this.open(), index)))));
    }
    return results;
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** What comes until the peer's end: its bytes, and whether it ended properly or with an error. Ends our side, too. */
export async function readToEnd(socket: Socket, limitMs: number): Promise<{ bytes: Buffer; clean: boolean }> {
  const chunks: Buffer[] = [];
  let clean = false;
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.once("end", () => {
    clean = true;
    socket.end();
  });
  await gone(socket, limitMs);
  return { bytes: Buffer.concat(chunks), clean };
}

/** Whether the connection has ended within the time, by the peer's end or reset. Discards what comes. */
export async function gone(socket: Socket, limitMs: number): Promise<boolean> {
  if (socket.destroyed) return true;
  socket.once("end", () => socket.destroy());
  if (socket.listenerCount("data") === 0) socket.resume();
  return settles(once(socket, "close"), limitMs);
}

/** Reads until so many bytes are there. @throws AbuseError `ERR_SILENCE` */
export async function readBytes(socket: Socket, count: number, limitMs: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  if (socket.destroyed) throw new AbuseError("ERR_SILENCE", `read: expected ${count} bytes, got a closed connection`);
  const chunks: Buffer[] = [];
  let length = 0;
  let stop = (): void => {};
  try {
    await within(
      limitMs,
      `${count} bytes`,
      new Promise<void>((resolve, reject) => {
        const onData = (chunk: Buffer): void => {
          chunks.push(chunk);
          length += chunk.length;
          if (length >= count) resolve();
        };
        const onEnd = (): void => reject(new AbuseError("ERR_SILENCE", `read: expected ${count} bytes, got an end`));
        socket.on("data", onData).once("close", onEnd).once("end", onEnd);
        stop = () => socket.off("data", onData).off("close", onEnd).off("end", onEnd);
      }),
    );
  } finally {
    stop();
  }
  return Buffer.concat(chunks);
}

/** @throws AbuseError `ERR_SILENCE` if `promise` takes longer; what it rejects with */
export async function within<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new AbuseError("ERR_SILENCE", `${what}: expected within ${limitMs} ms, got nothing`);
    timeout = setTimeout(() => reject(error), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timeout);
  }
}

/** Whether `promise` settles within the time, in whichever way. */
export async function settles(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timeout = setTimeout(() => resolve(false), limitMs);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([settled, late]);
  clearTimeout(timeout);
  return result;
}
