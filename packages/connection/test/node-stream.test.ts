import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { byteStreamContract } from "../../stream/test/byte-stream-contract.js";
import { MessageConnection, streamOverNodeSocket } from "../src/index.js";
import { bytes, pattern, text } from "./bytes.js";
import { nextUncaught } from "./next-uncaught.js";
import { nodeSocketPair } from "./node-pair.js";
import { RawPeer } from "./raw-peer.js";
import { Recorder } from "./recorder.js";
import { turns, until } from "./until.js";

byteStreamContract("sockets of node:net", async () => {
  const [left, right] = (await nodeSocketPair()).map(streamOverNodeSocket);
  return {
    left: left!,
    right: right!,
    async cleanup() {
      left!.close();
      right!.close();
    },
  };
});

describe("a stream over a socket of node:net", () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** A stream and the socket at its other end. */
  async function join(): Promise<{ peer: RawPeer; near: Socket; far: Socket }> {
    const [near, far] = await nodeSocketPair();
    sockets.push(near, far);
    far.on("error", () => {});
    return { peer: new RawPeer(streamOverNodeSocket(near)), near, far };
  }

  it("gives what came before a reset first, although it did not read then", async () => {
    const { peer, near, far } = await join();
    far.write(pattern(10_000));
    await until("the bytes to be there", () => near.readableLength === 10_000);
    far.resetAndDestroy();
    await until("the reset to be there", () => near.destroyed);
    await turns();
    expect([peer.length, peer.error]).toEqual([0, undefined]);

    peer.stream.resume();
    await peer.failed();
    expect([peer.length, peer.error?.code, peer.ends]).toEqual([10_000, "ECONNRESET", 0]);
  });

  it("tells who writes of a reset, although it does not read", async () => {
    const { peer, near, far } = await join();
    far.resetAndDestroy();
    near.read(0);
    await until("the reset to be there", () => near.destroyed);
    await turns();
    expect(peer.error).toBeUndefined();
    peer.stream.write(bytes("anyone?"));
    await peer.failed();
    expect(peer.error?.code).toBe("ECONNRESET");
  });

  it("tells of the peer's end when it reads again", async () => {
    const { peer, near, far } = await join();
    far.end(bytes("bye"));
    await until("the bytes to be there", () => near.readableLength === 3);
    await turns();
    expect([peer.length, peer.ends]).toEqual([0, 0]);
    peer.stream.resume();
    await peer.ended();
    expect(text(peer.bytes)).toBe("bye");
  });

  it("counts what the system has taken of a long write", async () => {
    const { peer, far } = await join();
    far.pause();
    peer.stream.write(pattern(16_000_000));
    await until("some bytes to be taken", () => peer.stream.bytesWritten > 0);
    await turns();
    expect(peer.stream.bytesWritten + peer.stream.bufferedBytes).toBe(16_000_000);
    expect(peer.stream.bufferedBytes).toBeGreaterThan(0);
  });

  it("sends what a turn writes in one piece", async () => {
    const { peer, far } = await join();
    const chunks: number[] = [];
    far.on("data", (chunk: Buffer) => chunks.push(chunk.length));
    far.resume();
    for (let i = 0; i < 100; i++) peer.stream.write(pattern(25));
    await until("all bytes", () => chunks.length > 0);
    await turns();
    expect(chunks).toEqual([2_500]);
  });

  it("may be aborted while its end is under way", async () => {
    const { peer, near, far } = await join();
    far.resume();
    peer.stream.end();
    await until("its end to be under way", () => near.writableEnded);
    peer.stream.abort();
    await until("the peer's end", () => far.destroyed);
    await until("its own end", () => near.closed);
    expect(peer.error).toBeUndefined();
  });

  it("tells when somebody else destroys the socket", async () => {
    const { peer, near } = await join();
    near.destroy();
    await peer.failed();
    expect(peer.error).toMatchObject({
      code: "ERR_STREAM_PREMATURE_CLOSE",
      message: "socket: expected an open one, got one that was destroyed",
    });
  });

  it("tells of a socket that was destroyed before", async () => {
    const [near, far] = await nodeSocketPair();
    sockets.push(near, far);
    near.destroy();
    const peer = new RawPeer(streamOverNodeSocket(near));
    await peer.failed();
    expect(peer.error?.code).toBe("ERR_STREAM_PREMATURE_CLOSE");
  });

  it("gives what had come, and the end, before there was a stream", async () => {
    const [near, far] = await nodeSocketPair();
    sockets.push(near, far);
    far.end(bytes("early"));
    await once(near, "readable");
    const peer = new RawPeer(streamOverNodeSocket(near));
    peer.stream.resume();
    await peer.ended();
    expect(text(peer.bytes)).toBe("early");

    const late = new RawPeer(streamOverNodeSocket(near));
    late.stream.resume();
    await late.ended();
    expect(late.ends).toBe(1);
  });

  it("may be written to while the socket connects, and tells when it cannot", async () => {
    const { near, far } = await join();
    const { port } = near.address() as { port: number };
    near.destroy();
    far.destroy();
    const refused = connect(port, "127.0.0.1");
    sockets.push(refused);
    const peer = new RawPeer(streamOverNodeSocket(refused));
    peer.stream.write(bytes("hello"));
    expect([peer.stream.bytesWritten, peer.stream.bufferedBytes]).toEqual([0, 5]);
    await peer.failed();
    expect(peer.error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect" });
  });

  it("goes on although a handler throws, which is an uncaught exception", async () => {
    const { peer, far } = await join();
    const thrown = nextUncaught();
    const { onData } = peer;
    peer.onData = (chunk) => {
      onData.call(peer, chunk);
      if (peer.chunks.length === 1) throw new Error("in onData");
    };
    peer.stream.resume();
    far.write("one");
    expect(await thrown).toEqual(new Error("in onData"));
    far.write("two");
    await peer.received(6);
    expect(text(peer.bytes)).toBe("onetwo");
  });

  it("takes handlers once", async () => {
    const { peer } = await join();
    expect(() => peer.stream.start(peer)).toThrow(expect.objectContaining({ code: "ERR_STREAM_STARTED" }));
  });

  it("refuses what it cannot read bytes from", async () => {
    const { far } = await join();
    expect(() => streamOverNodeSocket({} as Socket)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_ARG_TYPE",
        message: "socket: expected a net.Socket, got object",
      }),
    );
    far.setEncoding("utf8");
    expect(() => streamOverNodeSocket(far)).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_ARG_VALUE",
        message: "socket: expected one that gives bytes, got one that decodes utf8",
      }),
    );
  });

  it("carries messages, with nothing but the socket", async () => {
    const [left, right] = (await nodeSocketPair()).map(
      (socket) => new Recorder(new MessageConnection(streamOverNodeSocket(socket))),
    );
    right!.consume((message) => void right!.connection.send(message));
    left!.consume();
    left!.connection.send(bytes("hello"));
    await left!.received(1);
    expect([left!.texts, left!.connection.transport]).toEqual([["hello"], null]);
    await left!.connection.close();
    await right!.closed();
    expect([left!.code, right!.code]).toEqual(["none", "none"]);
  });
});
