import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import type { FrameDuplex } from "../src/node.js";

/** Everything that can be read, and the error that came after it. */
export async function readAll(duplex: FrameDuplex): Promise<{ seen: Uint8Array[]; error: unknown }> {
  const seen: Uint8Array[] = [];
  try {
    for await (const message of duplex) seen.push(message);
  } catch (error) {
    return { seen, error };
  }
  return { seen, error: null };
}

/** Both ends of a TCP connection over the loopback interface. */
export async function socketPair(allowHalfOpen = false): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen });
  const [peer] = await accepted;
  server.close();
  return [client, peer];
}

/** A byte stream whose writes wait until the test lets them through. */
export class SlowStream extends Duplex {
  readonly written: Uint8Array[] = [];
  release: () => void = () => {};

  constructor() {
    super({ writableHighWaterMark: 1 });
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(chunk);
    this.release = done;
  }
}
