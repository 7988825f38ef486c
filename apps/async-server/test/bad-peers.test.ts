import { setImmediate } from "node:timers/promises";
import { availableBackends } from "@p2pnet/event-loop";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { tested } from "../../../test-support/tested.js";
import { frame, header, RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

const modes: [name: string, args: string[]][] = [
  ...tested(availableBackends()).map((backend): [string, string[]] => [`backend ${backend}`, ["--backend", backend]]),
  ["mode blocking", ["--mode", "blocking"]],
];

describe.each(modes)("a server with %s", (name, args) => {
  let server: RunningServer;
  /** Lines that were there before the test. */
  let since = 0;

  beforeAll(async () => {
    server = new RunningServer(["--port", "0", ...args]);
    await server.line(/listening/);
    return () => server.kill();
  });
  beforeEach(() => {
    since = server.lines.length;
  });

  it.each([
    ["ERR_FRAME_EMPTY", "of length 0", header(0)],
    ["ERR_FRAME_TOO_LARGE", "above 1 MiB", header(1_048_577)],
    ["ERR_FRAME_TOO_LARGE", "of the largest length", header(0xffffffff)],
  ])("answers what came before, then ends with %s at a frame %s", async (code, _, bad) => {
    const peer = await RawPeer.connect(server.port);
    peer.send(frame("good"));
    expect((await peer.message()).toString()).toBe("good");
    peer.send(bad);
    expect(await peer.ended).toMatch(/end|ECONNRESET/);
    expect(await server.line(/ERROR/, 1, since)).toBe(`[ERROR] Client error: ${code} (disconnecting)`);
    const next = await RawPeer.connect(server.port);
    expect((await next.echo("I noticed nothing")).toString()).toBe("I noticed nothing");
    next.socket.end();
    await server.line(/disconnected gracefully/, 1, since);
  });

  it("loses nothing when a frame comes one byte at a time", async () => {
    const peer = await RawPeer.connect(server.port);
    for (const byte of frame("slowly but surely")) {
      peer.send(Uint8Array.of(byte));
      await setImmediate();
    }
    expect((await peer.message()).toString()).toBe("slowly but surely");
    peer.socket.end();
    await server.line(/disconnected gracefully/, 1, since);
  });

  it("loses nothing when everything and the end come in one segment", async () => {
    const peer = await RawPeer.connect(server.port, { stays: true });
    const messages = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    peer.socket.end(Buffer.concat(messages.map(frame)));
    for (const message of messages) expect((await peer.message()).toString()).toBe(message);
    expect(await peer.ended).toBe("end");
    await server.line(/disconnected gracefully/, 1, since);
  });

  it("tells of an end inside a frame", async () => {
    const peer = await RawPeer.connect(server.port);
    peer.socket.end(frame("cut off").subarray(0, 6));
    expect(await server.line(/ERROR/, 1, since)).toBe("[ERROR] Client error: ERR_FRAME_TRUNCATED (disconnecting)");
    await peer.ended;
  });

  it("has its descriptors back after 200 abusive peers", async () => {
    const guest = name === "mode blocking" ? null : await RawPeer.connect(server.port);
    await guest?.echo("before");
    const before = server.openDescriptors;

    const abuses: ((peer: RawPeer) => void)[] = [
      (peer) => peer.socket.resetAndDestroy(),
      (peer) => peer.socket.end(),
      (peer) => peer.send(header(0)),
      (peer) => peer.send(header(2_000_000)),
      (peer) => peer.socket.end(frame("half").subarray(0, 5)),
      (peer) => peer.socket.write(frame("then reset"), () => peer.socket.resetAndDestroy()),
      (peer) => peer.socket.end(Buffer.concat([frame("answered"), header(0)])),
      (peer) => {
        peer.socket.pause(); // Never reads its echoes, then resets.
        peer.socket.write(Buffer.concat(Array(4).fill(frame(Buffer.alloc(50_000)))), () =>
          peer.socket.resetAndDestroy(),
        );
      },
    ];
    for (let round = 0; round < 10; round++) {
      const peers = await Promise.all(Array.from({ length: 20 }, () => RawPeer.connect(server.port)));
      peers.forEach((peer, index) => void abuses[index % abuses.length]!(peer));
      await Promise.all(peers.map((peer) => peer.ended));
      for (const peer of peers) peer.socket.destroy();
    }

    await vi.waitFor(() => expect(server.openDescriptors).toBe(before), { timeout: 10_000, interval: 20 });
    if (guest !== null) expect((await guest.echo("after")).toString()).toBe("after");
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe("");
  });
});
