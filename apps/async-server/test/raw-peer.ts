import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A frame as the C library writes it: 4 bytes of length, big-endian, then the payload. */
export function frame(payload: string | Uint8Array): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([header(bytes.length), bytes]);
}

export function header(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}

/** A peer over node:net, free to misbehave. */
export class RawPeer {
  readonly socket: Socket;
  /** How the server ended the connection: "end", or the code of an error such as ECONNRESET. */
  readonly ended: Promise<string>;
  #chunks: Buffer[] = [];
  #unread = 0;
  #watchers: (() => void)[] = [];
  #over = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => {
      this.#chunks.push(chunk);
      this.#unread += chunk.length;
      this.#wake();
    });
    this.ended = new Promise<string>((resolve) => {
      socket.once("end", () => resolve("end"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once("close", () => resolve("closed"));
    });
    void this.ended.then(() => {
      this.#over = true;
      this.#wake();
    });
    onTestFinished(() => void socket.destroy());
  }

  /** @param options.stays whether it goes on sending after the server's end, until told otherwise */
  static async connect(port: number, options: { stays?: boolean } = {}): Promise<RawPeer> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: options.stays ?? false });
    const peer = new RawPeer(socket);
    await once(socket, "connect");
    return peer;
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends a message and returns its echo. */
  async echo(payload: string | Uint8Array): Promise<Buffer> {
    this.send(frame(payload));
    return await this.message();
  }

  /** The next message's payload. */
  async message(): Promise<Buffer> {
    const length = (await this.#take(4)).readUInt32BE();
    return await this.#take(length);
  }

  get unread(): number {
    return this.#unread;
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#unread < length) {
      if (this.#over) throw new Error(`peer: expected ${length} bytes, got ${this.#unread} and the end`);
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
    const received = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const taken = received.subarray(0, length);
    this.#chunks = [received.subarray(length)];
    this.#unread -= length;
    return taken;
  }

  #wake(): void {
    for (const wake of this.#watchers.splice(0)) wake();
  }
}
