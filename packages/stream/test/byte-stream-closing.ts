import { expect, it } from "vitest";
import { expectBytes, type JoinedStreams, pattern, text } from "./joined-streams.js";

/** How a `ByteStream` ends: kindly, at once, with a reset. Part of the contract. */
export function byteStreamClosing(current: () => JoinedStreams): void {
  it("sends what was written before the end, and says so once", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    left.write(text("last "));
    left.write(text("words"));
    left.end();
    left.write(text("too late"));
    left.end();
    right.resume();
    await atRight.ended();
    await pair.turns();
    expect(atRight.text).toBe("last words");
    expect(atRight.ends).toBe(1);
  });

  it("flushes a long queue before the end", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    const written = await pair.fill();
    left.end();
    right.resume();
    await atRight.ended();
    expect(atRight.length).toBe(written);
    expect(left.bufferedBytes).toBe(0);
  });

  it("goes on reading after its own end, and writing after the peer's", async () => {
    const { left, right, atLeft, atRight } = current();
    left.resume();
    right.resume();
    left.end();
    await atRight.ended();
    right.write(text("still here"));
    await atLeft.received(10);
    right.end();
    await atLeft.ended();
    expect(atLeft.text).toBe("still here");
    expect([...atLeft.errors, ...atRight.errors]).toEqual([]);
  });

  it("may be written to from a handler", async () => {
    const { left, right, atLeft, atRight } = current();
    left.resume();
    right.resume();
    atRight.onEvent = (event) => {
      if (event === "data") right.write(atRight.chunks.at(-1)!);
      if (event === "end") right.end();
    };
    left.write(pattern(50_000));
    left.end();
    await atLeft.ended();
    expectBytes(atLeft.bytes, pattern(50_000));
  });

  it("closes without a word to its own handlers, and what was taken still arrives", async () => {
    const pair = current();
    const { left, right, atLeft, atRight } = pair;
    left.resume();
    left.write(text("goodbye"));
    await pair.drained();
    const before = atLeft.events;
    left.close();
    right.resume();
    await atRight.ended();
    await pair.turns();
    expect(atRight.text).toBe("goodbye");
    expect(atRight.errors).toEqual([]);
    expect(atLeft.events).toBe(before);
  });

  it("may be closed from onData, and delivers nothing more", async () => {
    const pair = current();
    const { right, atRight } = pair;
    await pair.fill();
    atRight.onEvent = () => right.close();
    right.resume();
    await atRight.received(1);
    await pair.turns();
    expect(atRight.events).toBe(1);
  });

  it("may be closed from onEnd", async () => {
    const { left, right, atLeft, atRight } = current();
    right.resume();
    left.resume();
    atRight.onEvent = (event) => {
      if (event === "end") right.close();
    };
    left.end();
    await atLeft.ended();
    expect(atLeft.errors).toEqual([]);
    expect(atRight.events).toBe(1);
  });

  it("drops what waits when it is closed", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    await pair.fill();
    left.close();
    expect(left.bufferedBytes).toBe(0);
    const { bytesWritten } = left;
    right.resume();
    await atRight.ended();
    expect(atRight.length).toBe(bytesWritten);
  });

  it("resets when it is aborted: the peer gets an error, once, and nothing after it", async () => {
    const pair = current();
    const { left, right, atLeft, atRight } = pair;
    left.resume();
    right.resume();
    left.write(text("x"));
    await atRight.received(1);
    const before = atLeft.events;
    left.abort();
    await atRight.failed();
    const after = atRight.events;
    right.write(text("anyone?"));
    right.end();
    right.resume();
    await pair.turns();
    expect(atRight.codes).toEqual(["ECONNRESET"]);
    expect(atRight.ends).toBe(0);
    expect(atRight.events).toBe(after);
    expect(atLeft.events).toBe(before);
  });

  it("drops what waits when it is aborted", async () => {
    const pair = current();
    const { left, right, atRight } = pair;
    await pair.fill();
    left.abort();
    expect(left.bufferedBytes).toBe(0);
    right.resume();
    await atRight.failed();
    expect(atRight.ends).toBe(0);
  });

  it("may be aborted from a handler", async () => {
    const { left, right, atLeft, atRight } = current();
    left.resume();
    right.resume();
    atRight.onEvent = () => right.abort();
    left.write(text("x"));
    await atLeft.failed();
    expect(atLeft.codes).toEqual(["ECONNRESET"]);
    expect(atRight.events).toBe(1);
  });

  it.each(["close", "abort"] as const)("does nothing more after %s", async (last) => {
    const pair = current();
    const { left, atLeft } = pair;
    left.resume();
    left[last]();
    const before = atLeft.events;
    left.write(text("x"));
    left.pause();
    left.resume();
    left.end();
    left.abort();
    left.close();
    await pair.turns();
    expect(left.bufferedBytes).toBe(0);
    expect(atLeft.events).toBe(before);
  });
}
