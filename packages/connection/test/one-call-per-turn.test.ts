import { EventLoop } from "@p2pnet/event-loop";
import { FrameEncoder } from "@p2pnet/framing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { broadcast, MessageConnection } from "../src/index.js";
import { bytes, pattern } from "./bytes.js";
import { replaceCalls } from "./faults.js";
import { RawPeer } from "./raw-peer.js";
import { socketPair } from "./socket-carrier.js";
import { testedBackends } from "./tested-backends.js";
import { turns } from "./until.js";

describe.each(testedBackends())("what a turn sends, with %s", (backend) => {
  let loop: EventLoop;
  let calls: number;
  let restore: () => void;
  const opened: MessageConnection[] = [];

  beforeEach(() => {
    calls = 0;
    restore = replaceCalls((real) => ({
      send: (...args) => {
        calls++;
        return real.send(...args);
      },
      sendMessage: (...args) => {
        calls++;
        return real.sendMessage(...args);
      },
    }));
    loop = new EventLoop({ backend, autoRun: true });
  });
  afterEach(async () => {
    for (const connection of opened.splice(0)) connection.abort();
    await turns(3);
    loop.close();
    restore();
  });

  function join(): [MessageConnection, RawPeer] {
    const [left, right] = socketPair();
    const connection = new MessageConnection(loop.stream(left), {}, { timers: loop.timers });
    opened.push(connection);
    const peer = new RawPeer(loop.stream(right));
    peer.stream.resume();
    return [connection, peer];
  }

  it.each([
    ["100 short messages", 100, 25],
    ["5 long ones", 5, 4_000],
  ])("leaves in one call and arrives in one piece: %s", async (_, count, size) => {
    const [connection, peer] = join();
    for (let i = 0; i < count; i++) connection.send(pattern(size, i));
    expect(calls).toBe(0);
    await peer.received(count * (size + 4));
    await turns();
    expect([calls, peer.chunks.length]).toEqual([1, 1]);
  });

  it("leaves in one call for each connection", async () => {
    const pairs = [join(), join(), join()];
    for (let i = 0; i < 10; i++) for (const [connection] of pairs) connection.send(bytes("hello"));
    for (const [, peer] of pairs) await peer.received(90);
    expect(calls).toBe(3);
  });

  it("leaves in one call for each connection when it is broadcast, with what goes to one of them alone", async () => {
    const pairs = [join(), join(), join()];
    const all = pairs.map(([connection]) => connection);
    pairs[0]![0].send(bytes("before"));
    for (const word of ["hello", "to all"]) expect(broadcast(all, bytes(word)).sent).toBe(3);
    pairs[1]![0].send(bytes("after"));
    expect(calls).toBe(0);
    for (const [i, [, peer]] of pairs.entries()) await peer.received([29, 28, 19][i]!);
    await turns();
    expect([calls, ...pairs.map(([, peer]) => peer.chunks.length)]).toEqual([3, 1, 1, 1]);
  });

  it("leaves in one call when it answers the messages of one chunk", async () => {
    const [connection, peer] = join();
    connection.onMessage = (message) => void connection.send(message);
    const question = new FrameEncoder().encodeBatch(Array.from({ length: 50 }, () => bytes("hello")));
    peer.stream.write(question);
    await peer.received(question.length);
    expect(calls).toBe(2);
  });
});
