import { Timers } from "@p2pnet/event-loop";
import { encodeFrame } from "@p2pnet/framing";
import { type ByteStream, ManualClock, streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { broadcast, type ConnectionOptions, MessageConnection } from "../src/index.js";
import { bytes, pattern, same } from "./bytes.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { turns, until } from "./until.js";

const timers = new Timers(new ManualClock());

/** A member of a room, and the other side of its connection. */
class Member {
  readonly connection: MessageConnection;
  readonly there: Recorder;
  readonly end: Recorder;
  /** What was written to its stream. */
  readonly written: Uint8Array[] = [];

  constructor(options: ConnectionOptions = {}) {
    const [ours, theirs] = streamPair({ bufferSize: 1_000 });
    this.connection = new MessageConnection(this.#watched(ours), options, { timers });
    this.end = new Recorder(this.connection);
    this.there = new Recorder(new MessageConnection(theirs, { frame: options.frame ?? {} }, { timers }));
  }

  #watched(stream: ByteStream): ByteStream {
    const write = stream.write.bind(stream);
    stream.write = (chunk) => {
      this.written.push(chunk);
      write(chunk);
    };
    return stream;
  }
}

const members = (count: number, options: ConnectionOptions = {}): Member[] =>
  Array.from({ length: count }, () => new Member(options));
const connectionsOf = (room: readonly Member[]): MessageConnection[] => room.map(({ connection }) => connection);

describe("broadcast", () => {
  it("sends one message to all, and the same bytes", async () => {
    const room = members(5);
    for (const { there } of room) there.consume();
    const message = pattern(500);
    expect(broadcast(connectionsOf(room), message)).toEqual({ sent: 5, skipped: 0, dropped: 0 });
    message.fill(0);
    for (const { there } of room) await there.received(1);
    expect(room.map(({ there }) => same(there.messages[0]!, pattern(500)))).toEqual(Array(5).fill(true));
    const [first] = room[0]!.written;
    expect(room.every(({ written }) => written.length === 1 && written[0] === first)).toBe(true);
    expect(room.map(({ connection }) => connection.stats().messagesSent)).toEqual(Array(5).fill(1));
  });

  it("lets a long message be changed at once, too", async () => {
    const room = members(2);
    for (const { there } of room) there.consume();
    const message = pattern(100_000);
    broadcast(connectionsOf(room), message);
    message.fill(0);
    for (const { there } of room) await there.received(1);
    expect(room.map(({ there }) => same(there.messages[0]!, pattern(100_000)))).toEqual([true, true]);
  });

  it("frames it as each of them wants it", async () => {
    const room = [new Member(), new Member({ frame: { lengthField: 2 } }), new Member({ frame: { lengthField: 2 } })];
    broadcast(connectionsOf(room), bytes("hello"));
    expect(room.map(({ written }) => written[0]!.length)).toEqual([9, 7, 7]);
    expect(room[1]!.written[0]).toBe(room[2]!.written[0]);
  });

  it("leaves out one, and who is closing", async () => {
    const room = members(4);
    for (const { there } of room) there.consume();
    const [one, two, three, four] = connectionsOf(room);
    void two!.close();
    three!.abort();
    expect(broadcast([one!, two!, three!, four!], bytes("hi"), { except: one })).toEqual({
      sent: 1,
      skipped: 0,
      dropped: 0,
    });
    await room[3]!.there.received(1);
    await turns();
    expect(room.map(({ there }) => there.messages.length)).toEqual([0, 0, 0, 1]);
  });

  it("drops a member that does not keep up by its own bounds, and slows nobody", async () => {
    const frame = { maxLength: 1_000 };
    const room = [new Member({ maxQueuedBytes: 3_000, frame }), new Member({ frame })];
    room[1]!.there.consume();
    const results = [];
    for (let i = 0; i < 6; i++) {
      results.push(broadcast(connectionsOf(room), pattern(996, i)));
      await turns(3);
    }
    expect(results.map(({ sent, dropped }) => [sent, dropped])).toEqual([
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
      [1, 1],
      [1, 0],
    ]);
    await room[0]!.end.closed();
    await room[1]!.there.received(6);
    expect(room.map(({ end }) => end.code)).toEqual(["ERR_SLOW_PEER", undefined]);
  });

  it("leaves out with skipSlow who has enough to take, until it has taken it", async () => {
    const room = members(2, { highWaterMark: 2_000 });
    room[1]!.there.consume();
    const sent = async (i: number): Promise<number[]> => {
      const result = broadcast(connectionsOf(room), pattern(996, i), { skipSlow: true });
      await turns(3);
      return [result.sent, result.skipped];
    };
    expect([await sent(0), await sent(1), await sent(2), await sent(3)]).toEqual([
      [2, 0],
      [2, 0],
      [2, 0],
      [1, 1],
    ]);
    room[0]!.there.consume();
    await room[0]!.there.received(3);
    expect(await sent(4)).toEqual([2, 0]);
    await room[0]!.there.received(4);
    expect(room.map(({ there }) => there.messages.map((message) => message[1]))).toEqual([
      [0, 1, 2, 4].map((i) => pattern(2, i)[1]),
      [0, 1, 2, 3, 4].map((i) => pattern(2, i)[1]),
    ]);
  });

  it("goes to nobody when one of them may not carry it", async () => {
    const room = [new Member(), new Member({ frame: { maxLength: 4 } })];
    const failure = (message: unknown): unknown => {
      try {
        return broadcast(connectionsOf(room), message as Uint8Array);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };
    expect(failure(bytes("hello"))).toBe("ERR_FRAME_TOO_LARGE");
    expect(failure(new Uint8Array(0))).toBe("ERR_FRAME_EMPTY");
    expect(failure("hello")).toBe("ERR_INVALID_ARG_TYPE");
    expect(room.map(({ written }) => written.length)).toEqual([0, 0]);
    expect(failure(bytes("hi"))).toEqual({ sent: 2, skipped: 0, dropped: 0 });
  });

  it("begins the write deadline of a member", async () => {
    const clock = new ManualClock();
    const own = new Timers(clock);
    const [ours] = streamPair({ bufferSize: 10 });
    const end = new Recorder(new MessageConnection(ours, { writeTimeoutMs: 100 }, { timers: own }));
    broadcast([end.connection], pattern(100));
    await turns();
    clock.advance(100);
    own.update();
    own.expire(() => {});
    await end.closed();
    expect(end.code).toBe("ERR_WRITE_TIMEOUT");
  });
});

describe.each(testedBackends())("a server's broadcast, with %s", (backend) => {
  it("reaches all its connections but the sender's", async () => {
    const network = new Network(backend);
    try {
      const server = await network.listen({}, (peer) => {
        peer.onMessage = (message) => void server.broadcast(message, { except: peer });
      });
      const clients = await Promise.all(
        Array.from({ length: 4 }, async () => new Recorder(await network.connect(server)).consume()),
      );
      await until("all to be there", () => server.connections.size === 4);
      for (const [i, { connection }] of clients.entries()) connection.send(bytes(`from ${i}`));
      await Promise.all(clients.map((client) => client.received(3)));
      await turns();
      for (const [i, client] of clients.entries()) {
        expect(client.texts.sort()).toEqual(
          [0, 1, 2, 3].filter((other) => other !== i).map((other) => `from ${other}`),
        );
      }
      expect(server.stats()).toMatchObject({
        connections: 4,
        accepted: 4,
        messagesReceived: 4,
        messagesSent: 12,
        bytesReceived: 4 * encodeFrame(bytes("from 0")).length,
        cut: 0,
      });
    } finally {
      await network.close();
    }
  });
});
