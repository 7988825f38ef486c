import { availableBackends } from "@p2pnet/event-loop";
import { describe, expect, it } from "vitest";
import { tested } from "../../../test-support/tested.js";
import { frame, RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

describe.each(tested(availableBackends()))("the server on %s", (backend) => {
  it("says what happens, line by line", async () => {
    const server = await RunningServer.start("--backend", backend);
    const first = await RawPeer.connect(server.port);
    expect((await first.echo("Hello from framed client!")).toString()).toBe("Hello from framed client!");
    const second = await RawPeer.connect(server.port);
    expect(await second.echo(Uint8Array.of(0, 1, 255))).toEqual(Buffer.of(0, 1, 255));
    first.socket.end();
    expect(await first.ended).toBe("end");
    await server.line(/disconnected/);
    second.socket.resetAndDestroy();
    await server.line(/ECONNRESET/);
    expect(await server.stop()).toBe(0);
    expect(server.lines).toEqual([
      `[OK] Server listening on 127.0.0.1:${server.port} (backend ${backend})`,
      "[EVENT_LOOP] Started (monitoring 1 sockets)",
      "[OK] New client connected (total: 1)",
      '[RECV] (25 bytes) "Hello from framed client!"',
      "[SEND] Echoed message back",
      "[OK] New client connected (total: 2)",
      "[RECV] (3 bytes) 00 01 ff",
      "[SEND] Echoed message back",
      "[INFO] Client disconnected gracefully (total: 1)",
      "[ERROR] Client error: ECONNRESET (disconnecting)",
      "[OK] Server stopped (clients: 2, messages: 2, bytes: 28)",
    ]);
    expect(server.stderr).toBe("");
  });

  it("echoes messages of every length, whole, to a peer that does not read meanwhile", async () => {
    const server = await RunningServer.start("--backend", backend, "--quiet");
    const peer = await RawPeer.connect(server.port);
    const lengths = [1, 16_383, 16_384, 16_385, 65_532, 65_536, 200_000, 1_048_576, 2, 50_000, 30_000, 3];
    const messages = lengths.map((length, index) => Buffer.alloc(length, index + 1));
    peer.socket.pause();
    // More than the server queues for a peer that does not read, all at once, then again cut anywhere.
    for (let round = 0; round < 3; round++) peer.send(Buffer.concat(messages.map(frame)));
    peer.socket.resume();
    for (let round = 0; round < 3; round++) {
      for (const message of messages) expect(Buffer.compare(await peer.message(), message)).toBe(0);
    }
    expect(await server.stop("SIGINT")).toBe(0);
  });

  it("ends a connection without a byte in or out for longer than --idle-timeout", async () => {
    const server = await RunningServer.start("--backend", backend, "--idle-timeout", "150");
    const idle = await RawPeer.connect(server.port);
    const begin = performance.now();
    expect(await idle.ended).toBe("ECONNRESET");
    expect(performance.now() - begin).toBeGreaterThan(100);
    expect(await server.line(/ERROR/)).toBe("[ERROR] Client error: ERR_IDLE_TIMEOUT (disconnecting)");
  });

  it("turns away more than --max-connections clients, and takes the next when one has left", async () => {
    const server = await RunningServer.start("--backend", backend, "--max-connections", "2");
    const first = await RawPeer.connect(server.port);
    const second = await RawPeer.connect(server.port);
    await second.echo("in");
    // The reset may come before the client knows that it is connected.
    const third = RawPeer.connect(server.port).then((peer) => peer.ended);
    expect(await third.catch((error: NodeJS.ErrnoException) => error.code)).toBe("ECONNRESET");
    expect(await server.line(/ERROR/)).toContain("ERR_TOO_MANY_CONNECTIONS");
    expect((await first.echo("still here")).toString()).toBe("still here");
    second.socket.end();
    await server.line(/disconnected/);
    const fourth = await RawPeer.connect(server.port);
    expect((await fourth.echo("my turn")).toString()).toBe("my turn");
  });
});

describe("what is printed", () => {
  it("has no line per message with --quiet, and the totals all the same", async () => {
    const server = await RunningServer.start("--quiet");
    const peer = await RawPeer.connect(server.port);
    for (let count = 0; count < 3; count++) await peer.echo("quiet, please");
    peer.socket.end();
    await server.line(/disconnected/);
    await server.stop();
    expect(server.lines.slice(2)).toEqual([
      "[OK] New client connected (total: 1)",
      "[INFO] Client disconnected gracefully (total: 0)",
      "[OK] Server stopped (clients: 1, messages: 3, bytes: 39)",
    ]);
  });

  it("is an object per line with --json", async () => {
    const server = await RunningServer.start("--json");
    const peer = await RawPeer.connect(server.port);
    await peer.echo("Message 1 from client 8");
    peer.socket.end();
    await server.line(/disconnected/);
    await server.stop();
    const events = server.lines.map((line) => JSON.parse(line) as { event: string });
    expect(events.map(({ event }) => event)).toEqual([
      "listening",
      "started",
      "connected",
      "received",
      "sent",
      "disconnected",
      "stopped",
    ]);
    expect(events[3]).toMatchObject({ event: "received", client: 1, bytes: 23, text: "Message 1 from client 8" });
  });

  it("names an IPv6 address in brackets", async () => {
    const server = await RunningServer.start("--host", "::1");
    expect(server.lines[0]).toMatch(/^\[OK\] Server listening on \[::1\]:\d+ \(/);
    expect(await server.stop()).toBe(0);
  });
});
