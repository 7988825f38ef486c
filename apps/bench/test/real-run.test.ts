import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BenchCase } from "../src/cases.js";
import { compileNativePrograms } from "../src/compile.js";
import { runLoad } from "../src/load-generator.js";
import { measure } from "../src/measure.js";
import { describePeers, type PeerName } from "../src/peers.js";
import { startServer } from "../src/server-process.js";

const canCompile = process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;
const PEERS: readonly PeerName[] = ["c-epoll", "node-net", "node-net-batched"];
const FOUR: BenchCase = { name: "four", connections: 4, depth: 1, payloadBytes: 25 };

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {}); // the generator leaves at the first fault, which resets the connection
    serve(socket);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** What a server has sent when it closes a connection on which the bytes arrived. */
async function answerTo(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

describe.skipIf(!canCompile)("C programs (need Linux and cc)", async () => {
  const programs = canCompile ? await compileNativePrograms() : { epollEcho: "", load: "", compiler: "" };
  const peers = describePeers(programs);
  const load = async (port: number, benchCase = FOUR) =>
    runLoad(benchCase, { program: programs.load, port, seconds: 0.2, warmupSeconds: 0 });

  test("are compiled once: the second time they are found", async () => {
    expect(await compileNativePrograms()).toEqual(programs);
  });

  test.each(PEERS)("a short run against %s gives a sample", async (name) => {
    const sample = await measure(peers[name], FOUR, { load: programs.load, seconds: 0.3, warmupSeconds: 0.1 });
    expect(sample.messagesPerSecond).toBeGreaterThan(100);
    expect(sample.cpuMicros).toBeGreaterThan(0.1);
    expect(sample.cpuMicros).toBeLessThan(10_000);
    expect(sample.p50Micros).toBeGreaterThan(1);
    expect(sample.p99Micros).toBeGreaterThanOrEqual(sample.p50Micros);
    expect(sample.p999Micros).toBeGreaterThanOrEqual(sample.p99Micros);
    expect(sample.residentBytes).toBeGreaterThan(100_000);
    expect(sample.generatorBusy).toBeGreaterThan(0);
  });

  test.each(PEERS)("%s echoes pipelined, large and small messages", async (name) => {
    const server = await startServer(peers[name]);
    try {
      for (const [depth, payloadBytes] of [
        [64, 25],
        [3, 100_000],
        [1, 1],
        [1, 1024 * 1024],
      ] as const) {
        const { messages, errors } = await load(server.port, { name: "any", connections: 2, depth, payloadBytes });
        expect(errors).toBe(0);
        expect(messages).toBeGreaterThanOrEqual(2 * depth);
      }
    } finally {
      await server.stop();
    }
  });

  test.each(PEERS)("%s closes a connection whose length is out of range", async (name) => {
    const server = await startServer(peers[name]);
    try {
      for (const length of [0, 1024 * 1024 + 1, 0xffff_ffff]) {
        const header = Buffer.alloc(4);
        header.writeUInt32BE(length);
        expect(await answerTo(server.port, header)).toBe("");
      }
      expect((await load(server.port)).errors).toBe(0);
    } finally {
      await server.stop();
    }
  });

  test("one wrong byte fails the run with ERR_LOAD, and says where", async () => {
    const port = await listen((socket) =>
      socket.on("data", (chunk) => {
        chunk[chunk.length - 1]! ^= 1;
        socket.write(chunk);
      }),
    );
    await expect(load(port)).rejects.toThrow(
      expect.objectContaining({
        code: "ERR_LOAD",
        message: expect.stringMatching(/^load: connection \d, echo 0, byte 28: expected 0x.., got 0x..$/),
      }),
    );
  });

  test("a server that says more than was sent fails the run", async () => {
    const port = await listen((socket) => socket.on("data", (chunk) => socket.write(Buffer.concat([chunk, chunk]))));
    await expect(load(port)).rejects.toThrow(/bytes that nobody sent|expected 0x.., got 0x../);
  });

  test("a server that hangs up fails the run", async () => {
    const port = await listen((socket) => socket.on("data", () => socket.end()));
    await expect(load(port)).rejects.toThrow(/closed by the server after 0 echoes|Connection reset|Broken pipe/);
  });
});

describe("without a usable compiler", () => {
  test("there is ERR_NO_COMPILER", async () => {
    await expect(compileNativePrograms("no-such-compiler")).rejects.toThrow(
      expect.objectContaining({
        code: "ERR_NO_COMPILER",
        message: expect.stringContaining('expected "no-such-compiler" to run'),
      }),
    );
  });

  test.skipIf(process.platform === "win32")(
    "that refuses a source there is ERR_COMPILE (needs a Unix shell)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "bench-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const compiler = join(folder, "cc");
      writeFileSync(compiler, `#!/bin/sh\n[ "$1" = --version ] && echo "fussy ${Date.now()}"\n`);
      chmodSync(compiler, 0o755);
      await expect(compileNativePrograms(compiler)).rejects.toThrow(
        expect.objectContaining({
          code: "ERR_COMPILE",
          message: expect.stringContaining("epoll-echo.c: expected it to compile"),
        }),
      );
    },
  );
});
