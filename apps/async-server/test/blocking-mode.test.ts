import { describe, expect, it } from "vitest";
import { frame, RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

describe("the server in mode blocking", () => {
  it("serves ten clients, one after the other", async () => {
    const server = await RunningServer.start("--mode", "blocking");
    const peers: RawPeer[] = [];
    for (let number = 1; number <= 10; number++) {
      const peer = await RawPeer.connect(server.port);
      peer.send(frame(`from ${number}`));
      peers.push(peer);
    }
    for (const [index, peer] of peers.entries()) {
      expect((await peer.message()).toString()).toBe(`from ${index + 1}`);
      expect((await peer.echo("still my turn")).toString()).toBe("still my turn");
      for (const waiting of peers.slice(index + 1)) expect(waiting.unread).toBe(0);
      peer.socket.end();
    }
    await server.line(/disconnected gracefully \(total: 0\)/, 10);
    expect(await server.stop()).toBe(0);
    expect(server.lines[0]).toBe(`[OK] Server listening on 127.0.0.1:${server.port} (backend blocking)`);
    expect(server.lines.slice(1, 5)).toEqual([
      "[OK] New client connected (total: 1)",
      '[RECV] (6 bytes) "from 1"',
      "[SEND] Echoed message back",
      '[RECV] (13 bytes) "still my turn"',
    ]);
    expect(server.lines.at(-1)).toBe("[OK] Server stopped (clients: 10, messages: 20, bytes: 191)");
  });

  it("sends a long message to a peer that reads late", async () => {
    const server = await RunningServer.start("--mode", "blocking");
    const peer = await RawPeer.connect(server.port);
    peer.socket.pause();
    const messages = Array.from({ length: 6 }, (_, index) => Buffer.alloc(1_048_576, index));
    for (const message of messages) peer.send(frame(message));
    await server.line(/RECV/);
    peer.socket.resume();
    for (const message of messages) expect(Buffer.compare(await peer.message(), message)).toBe(0);
  });

  it("ends an idle client, so that the next has its turn", async () => {
    const server = await RunningServer.start("--mode", "blocking", "--idle-timeout", "100");
    const idle = await RawPeer.connect(server.port);
    const next = await RawPeer.connect(server.port);
    expect((await next.echo("at last")).toString()).toBe("at last");
    expect(await idle.ended).toBe("ECONNRESET");
    expect(await server.line(/ERROR/)).toBe("[ERROR] Client error: ERR_IDLE_TIMEOUT (disconnecting)");
  });

  it("hears signals while a client keeps it busy", async () => {
    const server = await RunningServer.start("--mode", "blocking", "--quiet");
    const peer = await RawPeer.connect(server.port);
    await peer.echo("first");
    server.process.kill("SIGTERM");
    let echoes = 0;
    for (;;) {
      const echo = await Promise.race([peer.echo("again").catch(() => null), peer.ended]);
      if (!(echo instanceof Buffer)) break;
      echoes++;
    }
    expect(echoes).toBeGreaterThan(0);
    expect(await server.exited).toBe(0);
  });
});
