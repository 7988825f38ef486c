import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { startChild, stopChild } from "../src/children.js";
import { asyncServer, type Peer } from "../src/peers.js";
import { startServer } from "../src/server-process.js";

const FOREVER = "setInterval(() => {}, 1e6); console.log('up');";

async function startScript(script: string): Promise<ReturnType<typeof startChild>> {
  const child = startChild(process.execPath, ["-e", script]);
  await once(createInterface({ input: child.stdout! }), "line");
  return child;
}

function peer(script: string): Peer {
  const ready = /^listening (\d+)$/;
  return {
    name: "odd",
    modes: { echo: { command: process.execPath, args: ["-e", script] } },
    ready,
    connectionsAtOnce: 1,
  };
}

describe("a child", () => {
  test("ends when it is asked to", async () => {
    const child = await startScript(FOREVER);
    await stopChild(child);
    expect(child.signalCode).toBe("SIGTERM");
  });

  test("that does not listen is killed", async () => {
    const child = await startScript(`process.on("SIGTERM", () => {}); ${FOREVER}`);
    await stopChild(child, 10);
    expect(child.signalCode).toBe("SIGKILL");
  });

  test("that has ended is left alone", async () => {
    const child = await startScript("console.log('up')");
    if (child.exitCode === null) await once(child, "close");
    await stopChild(child);
    expect(child.exitCode).toBe(0);
  });
});

describe("a server", () => {
  test("is known by its port, whatever else it prints", async () => {
    const server = await startServer(peer("console.log('hello\\nlistening 4711\\nmore'); setInterval(() => {}, 1e6)"));
    expect(server.port).toBe(4711);
    await server.stop();
  });

  test("that ends instead fails with ERR_SERVER and its first complaint", async () => {
    await expect(startServer(peer("console.error('no such backend\\nat x'); process.exit(2)"))).rejects.toThrow(
      expect.objectContaining({ code: "ERR_SERVER", message: "odd: no such backend" }),
    );
  });

  test("that ends without a word fails with its exit code", async () => {
    await expect(startServer(peer("process.exit(3)"))).rejects.toThrow("odd: ended with exit code 3");
  });

  test("on another backend than asked for is not taken for it", () => {
    const { ready } = asyncServer("p2pnet-poll", "poll");
    expect(ready.exec("[OK] Server listening on 127.0.0.1:8080 (backend poll)")?.[1]).toBe("8080");
    expect(ready.exec("[OK] Server listening on 127.0.0.1:8080 (backend epoll)")).toBeNull();
  });
});
