import { availableBackends } from "@p2pnet/event-loop";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { tested } from "../../../test-support/tested.js";
import { frame, RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

const modes: [name: string, args: string[]][] = [
  ...tested(availableBackends()).map((backend): [string, string[]] => [`backend ${backend}`, ["--backend", backend]]),
  ["mode blocking", ["--mode", "blocking"]],
];

describe.each(modes)("a server with %s that is to stop", (_, args) => {
  it("stops at Ctrl+C, without clients", async () => {
    const server = await RunningServer.start(...args);
    expect(await server.stop("SIGINT")).toBe(0);
    expect(server.lines.at(-1)).toBe("[OK] Server stopped (clients: 0, messages: 0, bytes: 0)");
    expect(server.stderr).toBe("");
  });

  it("ends the connection of a client at SIGTERM, and refuses new ones", async () => {
    const server = await RunningServer.start(...args);
    const peer = await RawPeer.connect(server.port, { stays: true });
    await peer.echo("hello");
    server.process.kill("SIGTERM");
    expect(await peer.ended).toBe("end");
    if (!args.includes("blocking")) await expect(RawPeer.connect(server.port)).rejects.toThrow("ECONNREFUSED");
    peer.socket.end();
    expect(await server.exited).toBe(0);
    expect(server.lines.slice(-2)).toEqual([
      "[INFO] Client disconnected gracefully (total: 0)",
      "[OK] Server stopped (clients: 1, messages: 1, bytes: 5)",
    ]);
  });

  it("takes two signals within milliseconds for one", async () => {
    const server = await RunningServer.start(...args);
    const peer = await RawPeer.connect(server.port);
    await peer.echo("hello");
    server.process.kill("SIGINT");
    server.process.kill("SIGTERM");
    expect(await peer.ended).toBe("end");
    expect(await server.exited).toBe(0);
  });

  it("exits with 130 at once when asked again, 500 ms later", async () => {
    const server = await RunningServer.start(...args);
    const peer = await RawPeer.connect(server.port, { stays: true });
    await peer.echo("I shall never leave");
    const begin = performance.now();
    await vi.waitFor(
      () => {
        server.process.kill("SIGINT");
        expect(server.process.exitCode).toBe(130);
      },
      // Further apart than a slice of the blocking mode: a system call that a signal interrupts starts its slice anew.
      { interval: 150, timeout: 4000 },
    );
    expect(performance.now() - begin).toBeGreaterThan(500);
  });

  it("stops when the program that started it, with an IPC channel, is gone", async () => {
    const server = new RunningServer(["--port", "0", ...args], true);
    onTestFinished(() => server.kill());
    await server.line(/listening/);
    server.process.disconnect();
    expect(await server.exited).toBe(0);
  });

  it("stops quietly when nobody reads its output any more", async () => {
    const server = await RunningServer.start(...args);
    const peer = await RawPeer.connect(server.port);
    await peer.echo("is anybody reading?");
    server.process.stdout!.destroy();
    peer.send(frame("now?"));
    expect(await server.exited).toBe(0);
    expect(server.stderr).toBe("");
  });
});

describe("a server in mode echo that is to stop", () => {
  it("flushes what it has taken first", async () => {
    const server = await RunningServer.start();
    const peer = await RawPeer.connect(server.port);
    peer.socket.pause();
    const message = Buffer.alloc(1_048_576, 7);
    peer.send(frame(message));
    await server.line(/SEND/);
    server.process.kill("SIGTERM");
    peer.socket.resume();
    expect(Buffer.compare(await peer.message(), message)).toBe(0);
    expect(await peer.ended).toBe("end");
    expect(await server.exited).toBe(0);
  });
});
