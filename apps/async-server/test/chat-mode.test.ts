import { existsSync } from "node:fs";
import { availableBackends } from "@p2pnet/event-loop";
import { describe, expect, it } from "vitest";
import { tested } from "../../../test-support/tested.js";
import { frame, RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

/** A server with so many members, who are all in. */
async function roomOf(count: number, ...args: string[]): Promise<{ server: RunningServer; members: RawPeer[] }> {
  const server = await RunningServer.start("--mode", "chat", ...args);
  const members: RawPeer[] = [];
  for (let number = 1; number <= count; number++) {
    members.push(await RawPeer.connect(server.port));
    await server.line(/connected/, number);
  }
  return { server, members };
}

describe.each(tested(availableBackends()))("the chat room on %s", (backend) => {
  it("relays each message to all others, and says so line by line", async () => {
    const { server, members } = await roomOf(3, "--backend", backend);
    const [ada, ben, eve] = members as [RawPeer, RawPeer, RawPeer];
    ada.send(frame("hello"));
    expect((await ben.message()).toString()).toBe("hello");
    expect((await eve.message()).toString()).toBe("hello");
    ben.send(frame("hello Ada"));
    expect((await ada.message()).toString()).toBe("hello Ada"); // its own never came back
    expect((await eve.message()).toString()).toBe("hello Ada");
    eve.socket.end();
    await server.line(/disconnected/);
    ada.send(frame("who is left?"));
    expect((await ben.message()).toString()).toBe("who is left?");
    expect(await server.stop()).toBe(0);
    expect(server.lines.slice(5, 12)).toEqual([
      '[RECV] (5 bytes) "hello"',
      "[SEND] Relayed to 2 clients",
      '[RECV] (9 bytes) "hello Ada"',
      "[SEND] Relayed to 2 clients",
      "[INFO] Client disconnected gracefully (total: 2)",
      '[RECV] (12 bytes) "who is left?"',
      "[SEND] Relayed to 1 client",
    ]);
    expect(server.lines.at(-1)).toBe("[OK] Server stopped (clients: 3, messages: 3, bytes: 26)");
  });

  it("goes on for all others when one does not read, and drops that one", async () => {
    const { server, members } = await roomOf(4, "--backend", backend, "--quiet");
    const [speaker, first, second, stuck] = members as [RawPeer, RawPeer, RawPeer, RawPeer];
    stuck.socket.pause();
    // Far more than the system's buffers and the queue of one member hold together.
    const message = Buffer.alloc(250_000, "x");
    for (let number = 0; number < 100; number++) {
      message.writeUInt32BE(number);
      speaker.send(frame(message));
      for (const reader of [first, second]) expect((await reader.message()).readUInt32BE()).toBe(number);
    }
    expect(await server.line(/ERROR/)).toBe("[ERROR] Client error: ERR_SLOW_PEER (disconnecting)");
    speaker.send(frame("still there?"));
    expect((await first.message()).toString()).toBe("still there?");
    expect(await server.stop()).toBe(0);
  });

  it("slows who speaks faster than the room can read, and loses nothing", async () => {
    const { members } = await roomOf(2, "--backend", backend, "--quiet");
    const [speaker, reader] = members as [RawPeer, RawPeer];
    reader.socket.pause();
    const message = Buffer.alloc(100_000, "y");
    for (let number = 0; number < 600; number++) {
      message.writeUInt32BE(number);
      speaker.send(frame(message));
    }
    reader.socket.resume();
    for (let number = 0; number < 600; number++) expect((await reader.message()).readUInt32BE()).toBe(number);
  });

  it("turns away more than --room-limit members", async () => {
    const { server, members } = await roomOf(2, "--backend", backend, "--room-limit", "2");
    const third = RawPeer.connect(server.port).then((peer) => peer.ended);
    expect(await third.catch((error: NodeJS.ErrnoException) => error.code)).toBe("ECONNRESET");
    expect(await server.line(/ERROR/)).toContain("ERR_TOO_MANY_CONNECTIONS");
    members[0]!.send(frame("only us"));
    expect((await members[1]!.message()).toString()).toBe("only us");
  });
});

it.skipIf(!existsSync("/proc/self/status"))(
  "needs no more memory for a member that never reads: told by /proc",
  async () => {
    const { server, members } = await roomOf(3, "--quiet");
    const [speaker, reader, stuck] = members as [RawPeer, RawPeer, RawPeer];
    stuck.socket.pause();
    const before = server.peakMemory;
    const message = frame(Buffer.alloc(1_048_576, "z"));
    for (let number = 0; number < 250; number++) {
      speaker.send(message);
      await reader.message();
    }
    expect(await server.line(/ERROR/)).toContain("ERR_SLOW_PEER");
    expect(server.peakMemory - before).toBeLessThan(150);
  },
);

describe("what is printed", () => {
  it("is an object per line with --json", async () => {
    const { server, members } = await roomOf(2, "--json");
    members[0]!.send(frame("hi"));
    await members[1]!.message();
    await server.stop();
    const relayed = server.lines.map((line) => JSON.parse(line)).find(({ event }) => event === "relayed");
    expect(relayed).toMatchObject({ event: "relayed", client: 1, bytes: 2, to: 1 });
  });
});
