import { once } from "node:events";
import { Duplex, PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { FrameEncoder } from "../src/index.js";
import { FrameDuplex } from "../src/node.js";
import { readAll, SlowStream, socketPair } from "./byte-streams.js";
import { concat, cut, payload, thrownBy } from "./samples.js";

const messages = [payload(3, 1), payload(300, 2), payload(1, 3)];
const stream = new FrameEncoder().encodeBatch(messages);

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
