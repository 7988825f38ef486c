import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { FrameEncoder, framesFrom, framesTo } from "../src/index.js";
import { cut, payload } from "./samples.js";

const messages = [payload(3, 1), payload(300, 2), payload(1, 3)];
const stream = new FrameEncoder().encodeBatch(messages);

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** A source that writes down what happens to it. */
async function* source(chunks: Uint8Array[], log: string[]): AsyncGenerator<Uint8Array> {
  try {
    for (const chunk of chunks) {
      log.push("pulled");
      yield chunk;
    }
  } finally {
    log.push("closed");
  }
}

describe("framesFrom", () => {
  test("reads frames out of any iterable, sync or async", async () => {
    for (const size of [1, 5, 1000]) {
      expect(await collect(framesFrom(cut(stream, [size])))).toEqual(messages);
      expect(await collect(framesFrom(source(cut(stream, [size]), [])))).toEqual(messages);
      expect(await collect(framesFrom(Readable.from(cut(stream, [size]))))).toEqual(messages);
      expect(await collect(framesFrom(new Blob(cut(stream, [size])).stream()))).toEqual(messages);
    }
  });

  test("asks for a chunk only when the frames of the one before are taken", async () => {
    const log: string[] = [];
    const frames = framesFrom(source([stream, stream], log));
    for (let count = 1; count <= messages.length; count++) {
      await frames.next();
      expect(log).toEqual(["pulled"]);
    }
    await frames.next();
    expect(log).toEqual(["pulled", "pulled"]);
    await frames.return();
  });

  test("closes the source when the loop is left early", async () => {
    const log: string[] = [];
    for await (const message of framesFrom(source([stream, stream], log))) {
      expect(message).toEqual(messages[0]);
      break;
    }
    expect(log).toEqual(["pulled", "closed"]);
  });

  test("gives whole frames first, then the error, and closes the source", async () => {
    const log: string[] = [];
    const seen: Uint8Array[] = [];
    const bad = new Uint8Array([...stream, 255, 255, 255, 255]);
    const reading = (async () => {
      for await (const message of framesFrom(source([bad, stream], log))) seen.push(message);
    })();
    await expect(reading).rejects.toMatchObject({ code: "ERR_FRAME_TOO_LARGE" });
    expect(seen).toEqual(messages);
    expect(log).toEqual(["pulled", "closed"]);
  });

  test("fails when the source ends inside a frame", async () => {
    await expect(collect(framesFrom([stream.subarray(0, -1)]))).rejects.toMatchObject({ code: "ERR_FRAME_TRUNCATED" });
  });

  test("passes on what the source throws", async () => {
    const broken = (async function* () {
      yield stream;
      throw new Error("cable cut");
    })();
    await expect(collect(framesFrom(broken))).rejects.toThrow("cable cut");
  });

  test("copies when asked to", async () => {
    const [first] = await collect(framesFrom([stream], { copy: true }));
    expect(first!.buffer).not.toBe(stream.buffer);
  });
});

describe("framesTo", () => {
  test("gives one frame for each payload", async () => {
    const frames = await collect(framesTo(messages));
    expect(frames).toEqual(messages.map((message) => new FrameEncoder().encode(message)));
    expect(await collect(framesFrom(framesTo(source(messages, []))))).toEqual(messages);
  });

  test("closes the source when the loop is left early, and when a payload is refused", async () => {
    const log: string[] = [];
    for await (const _ of framesTo(source(messages, log))) break;
    expect(log).toEqual(["pulled", "closed"]);
    log.length = 0;
    await expect(collect(framesTo(source([payload(5)], log), { maxLength: 4 }))).rejects.toMatchObject({
      code: "ERR_FRAME_TOO_LARGE",
    });
    expect(log).toEqual(["pulled", "closed"]);
  });
});
