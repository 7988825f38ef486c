import { once } from "node:events";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { FrameEncoder } from "../src/index.js";
import { FrameDuplex } from "../src/node.js";
import { readAll, SlowStream, socketPair } from "./byte-streams.js";
import { payload } from "./samples.js";

const messages = [payload(3, 1), payload(300, 2), payload(1, 3)];
const stream = new FrameEncoder().encodeBatch(messages);

describe("the end of a FrameDuplex", () => {
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
