import { availableBackends } from "@p2pnet/event-loop";
import { describe, expect, it } from "vitest";
import { tested } from "../../../test-support/tested.js";
import { frame, RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

const WORKERS = ["--workers", "2"];

async function clientsOf(server: RunningServer, count: number): Promise<RawPeer[]> {
  const clients: RawPeer[] = [];
  for (let number = 1; number <= count; number++) {
    clients.push(await RawPeer.connect(server.port));
    await server.line(/connected/, number);
  }
  return clients;
}

describe.each(tested(availableBackends()))("workers on %s", (backend) => {
  it("echo to their clients, and count them together", async () => {
    const server = await RunningServer.start(...WORKERS, "--backend", backend);
    const clients = await clientsOf(server, 12);
    for (const client of clients) client.send(frame("hello"));
    for (const client of clients) expect((await client.message()).toString()).toBe("hello");
    expect(await server.stop()).toBe(0);
    expect(server.stderr).toBe("");
    expect(server.lines[0]).toMatch(new RegExp(`listening on 127.0.0.1:\\d+ \\(backend ${backend}\\)$`));
    expect(server.lines[1]).toBe("[EVENT_LOOP] Started (monitoring 2 sockets)");
    expect(server.lines).toContain("[OK] New client connected (total: 12)");
    expect(server.lines.at(-1)).toBe("[OK] Server stopped (clients: 12, messages: 12, bytes: 60)");
  });

  it("are one chat room", async () => {
    const server = await RunningServer.start(...WORKERS, "--backend", backend, "--mode", "chat");
    const members = await clientsOf(server, 12);
    const names = members.map((_, index) => `member ${index}`);
    for (const [index, member] of members.entries()) member.send(frame(names[index]!));
    for (const [index, member] of members.entries()) {
      const heard: string[] = [];
      while (heard.length < members.length - 1) heard.push((await member.message()).toString());
      expect(heard.sort()).toEqual(names.filter((name) => name !== names[index]).sort());
    }
    expect(await server.stop()).toBe(0);
    expect(server.lines).toContain("[SEND] Relayed to 11 clients");
    expect(server.lines.at(-1)).toMatch(/^\[OK\] Server stopped \(clients: 12, messages: 12, bytes: /);
  });
});

it("say in one line why they cannot listen", async () => {
  const taken = await RunningServer.start("--quiet");
  const server = new RunningServer(["--port", String(taken.port), ...WORKERS]);
  expect(await server.exited).toBe(1);
  expect(server.stderr).toBe(
    `async-server: cannot listen on 127.0.0.1:${taken.port}: address already in use (EADDRINUSE)\n`,
  );
});
