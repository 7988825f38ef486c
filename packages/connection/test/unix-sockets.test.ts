import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connect, type ListenOptions, listen, type MessageConnection, type Server } from "../src/index.js";
import { bytes } from "./bytes.js";
import { Recorder } from "./recorder.js";
import { runProgram } from "./run-program.js";
import { turns, until } from "./until.js";

describe.each(["native", "node"] as const)("Unix sockets with transport %s", (transport) => {
  let folder: string;
  let path: string;
  const servers: Server[] = [];
  const connections: MessageConnection[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "p2pnet "));
    path = join(folder, "echo.sock");
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.abort();
    await Promise.all(servers.splice(0).map((server) => server.close({ deadlineMs: 1_000 })));
    rmSync(folder, { recursive: true });
  });

  async function serve(options: ListenOptions = { path }): Promise<Server> {
    const server = await listen({ transport, ...options }, (peer) => {
      peer.onMessage = (message) => void peer.send(message);
    });
    servers.push(server);
    return server;
  }

  async function echoes(at = path): Promise<Recorder> {
    const connection = await connect({ transport, path: at });
    connections.push(connection);
    const recorder = new Recorder(connection).consume();
    connection.send(bytes("hello"));
    await recorder.received(1);
    expect(recorder.texts).toEqual(["hello"]);
    return recorder;
  }

  it("carry messages, and the end", async () => {
    const server = await serve();
    const one = await echoes();
    await one.connection.close();
    await until("the server's end", () => server.connections.size === 0);
    expect(one.code).toBe("none");
  });

  it("have paths for addresses, of which the client has none", async () => {
    const server = await serve();
    const { connection } = await echoes();
    const served = { family: "unix", address: path, port: 0 };
    const unnamed = { family: "unix", address: "", port: 0 };
    expect(server.address).toEqual(served);
    expect([connection.localAddress, connection.remoteAddress]).toEqual([unnamed, served]);
    const [peer] = server.connections;
    expect([peer!.localAddress, peer!.remoteAddress]).toEqual([served, unnamed]);
  });

  it("leave no file when the server is closed", async () => {
    const server = await serve();
    expect(existsSync(path)).toBe(true);
    await server.close();
    expect(existsSync(path)).toBe(false);
    await expect(connect({ transport, path })).rejects.toMatchObject({
      code: "ENOENT",
      syscall: "connect",
      address: path,
      message: `connect ENOENT ${path}`,
    });
  });

  /** Leaves the file behind that a server has that was killed. */
  async function leaveStale(): Promise<void> {
    const killed = `
      import { listen } from "@p2pnet/connection";
      await listen({ path: process.env.SOCKET_PATH, transport: process.env.TRANSPORT }, () => {});
      console.log("listening");
      process.kill(process.pid, "SIGKILL");
    `;
    const environment = { SOCKET_PATH: path, TRANSPORT: transport };
    await expect(runProgram(killed, { environment })).rejects.toThrow("listening");
    expect(existsSync(path)).toBe(true);
  }

  it("replace the file that a killed server has left behind", async () => {
    await leaveStale();
    await expect(connect({ transport, path })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await serve();
    await echoes();
  });

  it("replace it once, when several servers find it", async () => {
    await leaveStale();
    const outcomes = await Promise.allSettled([serve(), serve(), serve()]);
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    const taken = { code: "EADDRINUSE", address: path };
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.objectContaining(taken),
      expect.objectContaining(taken),
    ]);
    await echoes();
  });

  it("replace no server that listens, and no other file", async () => {
    await serve();
    await expect(serve()).rejects.toMatchObject({ code: "EADDRINUSE", address: path });
    await echoes();

    const other = join(folder, "precious.txt");
    writeFileSync(other, "keep me");
    await expect(serve({ path: other })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(existsSync(other)).toBe(true);
  });

  it("refuse a path in a folder that does not exist, in the system's words", async () => {
    await expect(serve({ path: join(folder, "no", "such.sock") })).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOENT|EACCES)$/),
    });
  });

  if (process.platform === "linux") {
    it("may have abstract names, and no file", async () => {
      const name = `\0p2pnet ${transport} ${process.pid}`;
      const server = await serve({ path: name });
      expect(server.address).toEqual({ family: "unix", address: name, port: 0 });
      await echoes(name);
    });
  }

  it("turn away whom there is no room for", async () => {
    const server = await serve({ path, maxConnections: 1 });
    await echoes();
    const second = new Recorder(await connect({ transport, path })).consume();
    await second.closed();
    expect(server.connections.size).toBe(1);
  });

  it("hold back a sender whose reader is behind", async () => {
    const server = await serve();
    const one = await echoes();
    const [peer] = server.connections;
    peer!.pause();
    const message = new Uint8Array(500_000);
    for (let i = 0; i < 8; i++) one.connection.send(message);
    await turns();
    expect(one.connection.bufferedBytes).toBeGreaterThan(1_000_000);
    peer!.resume();
    await one.received(9);
    expect(one.connection.bufferedBytes).toBe(0);
  });
});
