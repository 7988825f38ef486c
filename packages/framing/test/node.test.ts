import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { FrameEncoder } from "../src/index.js";
import { FrameDuplex } from "../src/node.js";
import { concat, cut, payload, thrownBy } from "./samples.js";

const messages = [payload(3, 1), payload(300, 2), payload(1, 3)];
const stream = new FrameEncoder().encodeBatch(messages);

/** Everything that can be read, and the error that came after it. */
async function readAll(duplex: FrameDuplex): Promise<{ seen: Uint8Array[]; error: unknown }> {
  const seen: Uint8Array[] = [];
  try {
    for await (const message of duplex) seen.push(message);
  } catch (error) {
    return { seen, error };
  }
  return { seen, error: null };
}

/** Both ends of a TCP connection over the loopback interface. */
async function socketPair(allowHalfOpen = false): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen });
  const [peer] = await accepted;
  server.close();
  return [client, peer];
}

/** A byte stream whose writes wait until the test lets them through. */
class SlowStream extends Duplex {
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

describe("messages", () => {
  test("go through a socket in both directions, whole", async () => {
    const [client, server] = (await socketPair()).map((socket) => new FrameDuplex(socket)) as [
      FrameDuplex,
      FrameDuplex,
    ];
    const large = [payload(1, 1), payload(1_048_576, 2), payload(70_000, 3), payload(2, 4)];
    const echo = pipeline(server, server);
    for (const message of large) client.write(message);
    client.end();
    const { seen, error } = await readAll(client);
    expect(error).toBeNull();
    expect(seen.map(({ length }) => length)).toEqual(large.map(({ length }) => length));
    expect(seen.every((message, index) => Buffer.compare(message, large[index]!) === 0)).toBe(true);
    await echo;
  });

  test("are read whatever the pieces their bytes come in", async () => {
    for (const size of [1, 2, 7, 1000]) {
      const bytes = new PassThrough();
      const duplex = new FrameDuplex(bytes);
      for (const chunk of cut(stream, [size])) bytes.write(chunk);
      bytes.end();
      expect(await readAll(duplex)).toEqual({ seen: messages, error: null });
    }
  });

  test("are written with the options given", async () => {
    const bytes = new PassThrough();
    const duplex = new FrameDuplex(bytes, { lengthField: "varint", allowEmpty: true });
    duplex.write(payload(0));
    duplex.end(payload(2));
    expect(await readAll(duplex)).toEqual({ seen: [payload(0), payload(2)], error: null });
  });

  test("that wait together go out in one write", () => {
    const bytes = new SlowStream();
    const duplex = new FrameDuplex(bytes);
    duplex.cork();
    for (const message of messages) duplex.write(message);
    duplex.uncork();
    expect(bytes.written.map((chunk) => Uint8Array.from(chunk))).toEqual([stream]);
    duplex.destroy();
  });
});

describe("backpressure", () => {
  test("of the byte stream holds back writes until it drains", async () => {
    const bytes = new SlowStream();
    const duplex = new FrameDuplex(bytes);
    let taken = 0;
    let more = true;
    let written = 0;
    for (; more; written++) more = duplex.write(payload(10), () => taken++);
    expect(written).toBe(duplex.writableHighWaterMark);
    expect(bytes.written.length).toBe(1);
    expect(taken).toBe(0);
    bytes.release();
    await new Promise(setImmediate);
    expect([taken, bytes.written.length]).toEqual([1, 2]);
    const drained = once(duplex, "drain");
    bytes.release();
    await drained;
    expect(taken).toBe(written);
    duplex.destroy();
  });

  test("of a reader who stops holds back the byte stream", async () => {
    const frame = new FrameEncoder().encode(payload(1000));
    let produced = 0;
    const bytes = new Duplex({
      read() {
        produced++;
        this.push(frame);
      },
      write(_chunk, _encoding, done) {
        done();
      },
    });
    const duplex = new FrameDuplex(bytes);
    await new Promise(setImmediate);
    expect(produced).toBe(0);
    for (let read = 0; read < 10; read++) {
      if (duplex.readableLength === 0) await once(duplex, "readable");
      expect(duplex.read()).toEqual(payload(1000));
    }
    await new Promise(setImmediate);
    expect(produced).toBeLessThan(10 + bytes.readableHighWaterMark / frame.length + 5);
    expect(bytes.isPaused()).toBe(true);
    expect(duplex.readableLength).toBeLessThanOrEqual(1);
    duplex.destroy();
  });
});

describe("what goes wrong in the bytes", () => {
  const bad: [string, Uint8Array][] = [
    ["ERR_FRAME_TOO_LARGE", concat([stream, Uint8Array.of(255, 255, 255, 255)])],
    ["ERR_FRAME_EMPTY", concat([stream, Uint8Array.of(0, 0, 0, 0)])],
    ["ERR_FRAME_TRUNCATED", concat([stream, stream.subarray(0, 5)])],
  ];

  describe.each(bad)("%s", (code, input) => {
    test.each([[1000], [3]])("comes after all whole messages, in a loop (pieces of %i bytes)", async (size) => {
      const bytes = new PassThrough();
      const duplex = new FrameDuplex(bytes);
      for (const chunk of cut(input, [size])) bytes.write(chunk);
      bytes.end();
      const { seen, error } = await readAll(duplex);
      expect(seen).toEqual(messages);
      expect(error).toMatchObject({ code });
      expect(bytes.destroyed).toBe(true);
      expect(duplex.destroyed).toBe(true);
    });

    test("comes after all whole messages, in events", async () => {
      const bytes = new PassThrough();
      const duplex = new FrameDuplex(bytes);
      const seen: Uint8Array[] = [];
      duplex.on("data", (message: Uint8Array) => seen.push(message));
      bytes.end(input);
      const [error] = await once(duplex, "error");
      expect(seen).toEqual(messages);
      expect(error).toMatchObject({ code });
      expect(bytes.destroyed).toBe(true);
    });

    test("comes after all whole messages, for a reader who pauses after each", async () => {
      const bytes = new PassThrough();
      const duplex = new FrameDuplex(bytes);
      const seen: Uint8Array[] = [];
      duplex.on("data", (message: Uint8Array) => {
        seen.push(message);
        duplex.pause();
        setImmediate(() => duplex.resume());
      });
      bytes.end(input);
      const [error] = await once(duplex, "error");
      expect(seen).toEqual(messages);
      expect(error).toMatchObject({ code });
    });
  });

  test("a malformed varint; the byte stream gets the same error", async () => {
    const bytes = new PassThrough();
    const duplex = new FrameDuplex(bytes, { lengthField: "varint" });
    bytes.write(Uint8Array.of(1, 7, 0x80, 0));
    expect(await readAll(duplex)).toMatchObject({ seen: [Uint8Array.of(7)], error: { code: "ERR_FRAME_HEADER" } });
    expect(bytes.errored).toBe(duplex.errored);
  });

  test("a byte stream that was told to give text", async () => {
    const bytes = new PassThrough().setEncoding("utf8");
    const duplex = new FrameDuplex(bytes);
    bytes.write("text");
    expect((await readAll(duplex)).error).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });
});

describe("messages that are refused", () => {
  test.each([
    ["ERR_FRAME_TOO_LARGE", payload(5)],
    ["ERR_FRAME_EMPTY", payload(0)],
    ["ERR_INVALID_ARG_TYPE", "text"],
  ])("%s reaches the write's callback and destroys both streams", async (code, message) => {
    const bytes = new PassThrough();
    const duplex = new FrameDuplex(bytes, { maxLength: 4 });
    const failed = once(duplex, "error");
    const answer = await new Promise((resolve) => duplex.write(message, resolve));
    expect(answer).toMatchObject({ code });
    expect((await failed)[0]).toBe(answer);
    expect(bytes.destroyed).toBe(true);
  });

  test("options that make no sense, before the byte stream is touched", () => {
    const bytes = new PassThrough();
    expect(thrownBy(() => new FrameDuplex(bytes, { maxLength: 0 })).code).toBe("ERR_INVALID_ARG_VALUE");
    expect(bytes.listenerCount("data")).toBe(0);
  });
});

describe("ends", () => {
  test("leaving the loop early destroys the byte stream", async () => {
    const bytes = new PassThrough();
    bytes.write(stream);
    for await (const message of new FrameDuplex(bytes)) {
      expect(message).toEqual(messages[0]);
      break;
    }
    expect(bytes.destroyed).toBe(true);
  });

  test("destroy() goes down, with its error", async () => {
    const bytes = new PassThrough();
    const duplex = new FrameDuplex(bytes);
    const failed = once(duplex, "error");
    const error = new Error("enough");
    duplex.destroy(error);
    expect((await failed)[0]).toBe(error);
    expect(bytes.errored).toBe(error);
  });

  test("destroy() and errors come up", async () => {
    const error = new Error("cable cut");
    const failing = new PassThrough();
    const failed = once(new FrameDuplex(failing), "error");
    failing.destroy(error);
    expect((await failed)[0]).toBe(error);

    const closing = new PassThrough();
    const duplex = new FrameDuplex(closing);
    closing.destroy();
    await once(duplex, "close");
    expect(duplex.errored).toBeNull();
  });

  test("destroy() settles the write that waits", async () => {
    const duplex = new FrameDuplex(new SlowStream());
    const answer = new Promise((resolve) => duplex.write(payload(3), resolve));
    duplex.destroy();
    expect(await answer).toMatchObject({ code: "ERR_STREAM_DESTROYED" });
  });

  test("a byte stream destroyed already is a destroyed duplex, with the same error", async () => {
    const bytes = new PassThrough();
    bytes.destroy();
    await once(bytes, "close");
    await once(new FrameDuplex(bytes), "close");

    const error = new Error("cable cut");
    const broken = new PassThrough({ autoDestroy: false }).on("error", () => {});
    broken.resume().end();
    await once(broken, "end");
    broken.destroy(error);
    await new Promise((resolve) => broken.once("close", resolve));
    expect((await once(new FrameDuplex(broken), "error"))[0]).toBe(error);
  });

  test("a byte stream that has ended already is an end", async () => {
    const bytes = new PassThrough();
    bytes.resume().end();
    await once(bytes, "end");
    expect(await readAll(new FrameDuplex(bytes))).toEqual({ seen: [], error: null });
  });

  test("a write after the byte stream is gone is an error, not a wait for ever, also without a close event", async () => {
    const bytes = new PassThrough({ emitClose: false });
    const duplex = new FrameDuplex(bytes);
    const failed = once(duplex, "error");
    bytes.destroy();
    const answer = await new Promise((resolve) => duplex.write(payload(3), resolve));
    expect(answer).toMatchObject({ code: "ERR_STREAM_DESTROYED" });
    expect((await failed)[0]).toBe(answer);
  });

  test("half-open streams: the other side ends, and still gets the answer", async () => {
    const [client, server] = (await socketPair(true)).map((socket) => new FrameDuplex(socket)) as [
      FrameDuplex,
      FrameDuplex,
    ];
    expect([client.allowHalfOpen, new FrameDuplex(new PassThrough({ allowHalfOpen: false })).allowHalfOpen]).toEqual([
      true,
      false,
    ]);
    client.end(messages[1]);
    const { seen } = await readAllAndAnswer(server, messages[0]!);
    expect(seen).toEqual([messages[1]]);
    expect(await readAll(client)).toEqual({ seen: [messages[0]], error: null });
  });

  test("the other side ends: the duplex is done without an error", async () => {
    const [client, server] = await socketPair();
    const duplex = new FrameDuplex(client);
    server.end(stream);
    duplex.resume();
    await finished(duplex);
    expect(client.writableFinished).toBe(true);
  });

  test.each([true, false])(
    "a half-open byte stream gone after its end takes the writing side along (paused: %s)",
    async (paused) => {
      const bytes = new PassThrough({ allowHalfOpen: true });
      const duplex = new FrameDuplex(bytes);
      const done = finished(duplex);
      bytes.push(stream);
      bytes.push(null);
      const seen: Uint8Array[] = [];
      duplex.on("data", (message: Uint8Array) => {
        seen.push(message);
        if (paused && seen.length === messages.length) duplex.pause();
      });
      await once(bytes, "end");
      bytes.destroy();
      await once(bytes, "close");
      expect(duplex.readableEnded).toBe(!paused);
      duplex.resume();
      await done;
      expect(seen).toEqual(messages);
      expect(duplex.writableFinished).toBe(true);
    },
  );

  test("the messages of a byte stream that has ended and closed can still be read", async () => {
    const [client, server] = await socketPair();
    const duplex = new FrameDuplex(client);
    server.end(stream);
    await once(duplex, "readable");
    const first = duplex.read();
    expect([first, ...(await readAll(duplex)).seen]).toEqual(messages);
    if (!duplex.closed) await once(duplex, "close");
    expect(client.destroyed).toBe(true);
  });
});

/** Reads to the end without a loop, which would destroy the stream there, and answers. */
async function readAllAndAnswer(duplex: FrameDuplex, answer: Uint8Array): Promise<{ seen: Uint8Array[] }> {
  const seen: Uint8Array[] = [];
  duplex.on("data", (message: Uint8Array) => seen.push(message));
  await once(duplex, "end");
  duplex.end(answer);
  return { seen };
}
