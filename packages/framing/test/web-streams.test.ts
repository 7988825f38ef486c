import { describe, expect, test } from "vitest";
import { FrameDecoderStream, FrameEncoder, FrameEncoderStream } from "../src/index.js";
import { concat, cut, payload } from "./samples.js";

const messages = [payload(3, 1), payload(300, 2), payload(1, 3)];
const stream = new FrameEncoder().encodeBatch(messages);

const from = (chunks: Uint8Array[]): ReadableStream<Uint8Array> => ReadableStream.from(chunks);

/** Everything that comes out, and the error that came after it. */
async function readAll(readable: ReadableStream<Uint8Array>): Promise<{ seen: Uint8Array[]; error: unknown }> {
  const seen: Uint8Array[] = [];
  try {
    for await (const one of readable) seen.push(one);
  } catch (error) {
    return { seen, error };
  }
  return { seen, error: null };
}

describe("FrameDecoderStream", () => {
  test("turns chunks into payloads", async () => {
    for (const size of [1, 2, 7, 1000]) {
      const readable = from(cut(stream, [size])).pipeThrough(new FrameDecoderStream());
      expect(await readAll(readable)).toEqual({ seen: messages, error: null });
    }
  });

  test("takes the next chunk when the frames of the last one are gone", async () => {
    let pulled = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          pulled++;
          controller.enqueue(stream.slice());
        },
      },
      { highWaterMark: 0 },
    );
    const reader = source.pipeThrough(new FrameDecoderStream()).getReader();
    for (let read = 1; read <= 30; read++) {
      await reader.read();
      // One chunk more may wait at the writing side.
      expect(pulled).toBeLessThanOrEqual(Math.ceil(read / messages.length) + 1);
    }
    await reader.cancel();
  });

  test("writes wait while nobody reads", async () => {
    const { readable, writable } = new FrameDecoderStream();
    const writer = writable.getWriter();
    void writer.write(stream.slice());
    expect(writer.desiredSize).toBe(0);
    const reader = readable.getReader();
    for (const message of messages) expect((await reader.read()).value).toEqual(message);
    const atEnd = reader.read();
    await writer.ready;
    expect(writer.desiredSize).toBe(1);
    await writer.close();
    expect((await atEnd).done).toBe(true);
  });

  test("gives all whole frames before the error of a bad header, and fails the writing side", async () => {
    const decoder = new FrameDecoderStream();
    const writer = decoder.writable.getWriter();
    void writer.write(concat([stream, new Uint8Array(4)]));
    const failed = expect(writer.closed).rejects.toMatchObject({ code: "ERR_FRAME_EMPTY" });
    // However long the reader takes: a stream that fails throws away what its queue holds.
    await new Promise(setImmediate);
    const { seen, error } = await readAll(decoder.readable);
    expect(seen).toEqual(messages);
    expect(error).toMatchObject({ code: "ERR_FRAME_EMPTY" });
    await failed;
  });

  test("gives all whole frames before the error of an end inside a frame", async () => {
    const { seen, error } = await readAll(from([stream, stream.slice(0, 9)]).pipeThrough(new FrameDecoderStream()));
    expect(seen).toEqual([...messages, messages[0]]);
    expect(error).toMatchObject({ code: "ERR_FRAME_TRUNCATED" });
  });

  test("cancelling the reading side fails the writing side, also while it waits", async () => {
    const { readable, writable } = new FrameDecoderStream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const waiting = reader.read();
    await reader.cancel(new Error("enough"));
    expect((await waiting).done).toBe(true);
    await expect(writer.write(stream)).rejects.toThrow("enough");
  });

  test("leaving a loop early closes what feeds it", async () => {
    let cancel: (reason: unknown) => void;
    const cancelled = new Promise((resolve) => {
      cancel = resolve;
    });
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(stream.slice()),
      cancel: (reason) => cancel(reason),
    });
    for await (const message of source.pipeThrough(new FrameDecoderStream())) {
      expect(message).toEqual(messages[0]);
      break;
    }
    expect(await cancelled).toBeUndefined();
  });

  test("aborting the writing side fails the reading side", async () => {
    const { readable, writable } = new FrameDecoderStream();
    const reading = readAll(readable);
    await writable.abort(new Error("cable cut"));
    expect((await reading).error).toMatchObject({ message: "cable cut" });
  });
});

describe("FrameEncoderStream", () => {
  test("turns payloads into frames", async () => {
    const { seen } = await readAll(from(messages).pipeThrough(new FrameEncoderStream()));
    expect(seen).toEqual(messages.map((message) => new FrameEncoder().encode(message)));
  });

  test("and back", async () => {
    const options = { lengthField: "varint" } as const;
    const through = from(messages)
      .pipeThrough(new FrameEncoderStream(options))
      .pipeThrough(new FrameDecoderStream(options));
    expect(await readAll(through)).toEqual({ seen: messages, error: null });
  });

  test.each([
    ["ERR_FRAME_TOO_LARGE", payload(5)],
    ["ERR_FRAME_EMPTY", payload(0)],
    ["ERR_INVALID_ARG_TYPE", "text" as unknown as Uint8Array],
  ])("fails with %s after the frames before", async (code, bad) => {
    const encoder = new FrameEncoderStream({ maxLength: 4 });
    const { seen, error } = await readAll(from([payload(4), bad]).pipeThrough(encoder));
    expect(seen.length).toBe(1);
    expect(error).toMatchObject({ code });
  });
});
