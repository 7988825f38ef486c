import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type BenchCase, CASES } from "../src/cases.js";
import { compileAllC } from "../src/compile-c.js";
import { type Generator, runLoad } from "../src/load-generator.js";
import { measure } from "../src/measure.js";
import { choosePeers, PEER_NAMES } from "../src/peers.js";
import { chooseGenerator, type Programs } from "../src/programs.js";
import { findCertificate } from "../src/sealed/certificate.js";
import { startServer } from "../src/server-process.js";

/** Runs of servers and clients take their time: CI has them, in the Node matrix. */
const isWhole = process.env["P2PNET_TESTS"] === "all";

const canCompile = process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0;
const PEERS = ["c-epoll", "node-net", "node-net-batched", "node-net-library", "p2pnet-epoll"];
const FOUR: BenchCase = { ...CASES[0]!, name: "four", connections: 4 };

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {}); // the generator leaves at the first fault, which resets the connection
    serve(socket);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** What a server has sent when it closes or resets a connection on which the bytes arrived. */
async function answerTo(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  let answer = "";
  try {
    for await (const chunk of socket) answer += chunk;
  } catch (error) {
    expect(error).toMatchObject({ code: "ECONNRESET" });
  }
  return answer;
}

describe.skipIf(!canCompile || !isWhole)("C programs (need Linux, cc and P2PNET_TESTS=all)", async () => {
  const other = { missing: "was not asked for" };
  const programs: Programs = {
    ...(await compileAllC(true, canCompile ? "cc" : "none")),
    bun: other,
    go: other,
    certificate: other,
  };
  const peers = Object.fromEntries(choosePeers(PEER_NAMES, programs).map((peer) => [peer.name, peer]));
  const generator = chooseGenerator(programs.load, undefined);
  const ours = chooseGenerator(programs.load, "p2pnet");
  const load = async (port: number, benchCase = FOUR, by: Generator = generator) =>
    runLoad(benchCase, { generator: by, port, seconds: 0.2, warmupSeconds: 0 });

  test("are compiled once: the second time they are found", async () => {
    expect(await compileAllC(true)).toEqual({
      epollEcho: programs.epollEcho,
      epollBroadcast: programs.epollBroadcast,
      libuv: programs.libuv,
      load: programs.load,
      compiler: programs.compiler,
    });
    expect(generator.name).toBe("c");
  });

  test.each(PEERS)("a short run against %s gives a sample", async (name) => {
    const sample = await measure(peers[name]!, FOUR, { generator, seconds: 0.3, warmupSeconds: 0.1 });
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
    const server = await startServer(peers[name]!);
    try {
      for (const [depth, payloadBytes] of [
        [64, 25],
        [3, 100_000],
        [1, 1],
        [1, 1024 * 1024],
      ] as const) {
        const { messages, errors } = await load(server.port, { ...FOUR, connections: 2, depth, payloadBytes });
        expect(errors).toBe(0);
        expect(messages).toBeGreaterThanOrEqual(2 * depth);
      }
    } finally {
      await server.stop();
    }
  });

  test.each(PEERS)("%s closes a connection whose length is out of range", async (name) => {
    const server = await startServer(peers[name]!);
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

  test.each([
    ["broadcast", "c-epoll", generator],
    ["broadcast", "node-net", generator],
    ["broadcast", "node-net-library", generator],
    ["broadcast", "p2pnet-epoll", ours],
    ["churn", "c-epoll", generator],
    ["churn", "node-net-library", generator],
    ["churn", "p2pnet-epoll", ours],
    ["echo", "c-epoll", ours],
  ] as const)("%s of %s is measured", async (workload, name, by) => {
    const sample = await measure(
      peers[name]!,
      { ...FOUR, workload },
      { generator: by, seconds: 0.2, warmupSeconds: 0.05 },
    );
    expect(sample.messagesPerSecond).toBeGreaterThan(5);
    expect(sample.cpuMicros).toBeGreaterThan(0.1);
    expect(sample.p99Micros).toBeGreaterThanOrEqual(sample.p50Micros);
    expect(sample.idleBytes).toBe(0);
  });

  test.each([generator, ours])("idle connections are counted in bytes each, with the generator $name", async (by) => {
    for (const greet of [false, true]) {
      const idle: BenchCase = { ...FOUR, idle: 600, greet };
      const sample = await measure(peers["c-epoll"]!, idle, { generator: by, seconds: 0.05, warmupSeconds: 0 });
      // The C server holds 16 KiB for each, of which it has touched at least the page with the block's header.
      expect(sample.idleBytes).toBeGreaterThan(500);
      expect(sample.idleBytes).toBeLessThan(40_000);
    }
  });

  test.each([generator, ours])("one wrong byte fails the run with ERR_LOAD, and says where: $name", async (by) => {
    const port = await listen((socket) =>
      socket.on("data", (chunk) => {
        chunk[chunk.length - 1]! ^= 1;
        socket.write(chunk);
      }),
    );
    await expect(load(port, FOUR, by)).rejects.toThrow(
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

  test.each([generator, ours])("a server that hangs up fails the run: $name", async (by) => {
    const port = await listen((socket) => socket.on("data", () => socket.end()));
    await expect(load(port, FOUR, by)).rejects.toThrow(/closed by the server|reset|pipe/i);
  });
});

describe.skipIf(process.platform !== "linux")("servers that seal their bytes (need Linux)", async () => {
  const none = { missing: "was not asked for" };
  const certificate = await findCertificate();
  const c = { epollEcho: none, epollBroadcast: none, libuv: none, load: none, compiler: "" };
  const peers = choosePeers(PEER_NAMES, { ...c, bun: none, go: none, certificate });
  const generator = chooseGenerator(none, undefined);

  for (const peer of peers.filter(({ name }) => name.startsWith("sealed-"))) {
    const needs = peer.missing === undefined ? "" : ` (needs ${peer.missing})`;
    test.skipIf(needs !== "").each(["secure-bulk", "handshakes"])(
      `${peer.name} is measured in %s${needs}`,
      async (name) => {
        const benchCase = { ...CASES.find((each) => each.name === name)!, connections: 3 };
        const sample = await measure(peer, benchCase, { generator, seconds: 0.05, warmupSeconds: 0 });
        expect(sample.messagesPerSecond).toBeGreaterThan(0);
        expect(sample.cpuMicros).toBeGreaterThan(0.1);
      },
    );
  }

  test("TLS is skipped without a program that makes a certificate", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const missing = await findCertificate("no-such-program", folder);
    expect(missing).toEqual({ missing: 'a certificate: "no-such-program" does not make one' });
    const tls = choosePeers(["sealed-tls"], { ...c, bun: none, go: none, certificate: missing as { missing: string } });
    expect(tls).toMatchObject([{ name: "sealed-tls", ...missing }]);
  });
});

describe("without a usable compiler", () => {
  test("the C programs are missing, and the load is our own", async () => {
    const programs = await compileAllC(true, "no-such-compiler");
    expect(programs.epollEcho).toEqual({ missing: expect.stringContaining('"no-such-compiler" does not run') });
    expect(chooseGenerator(programs.load, undefined).name).toBe("p2pnet");
  });

  test.skipIf(process.platform === "win32")(
    "that refuses a source there is ERR_COMPILE (needs a Unix shell)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "bench-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const compiler = join(folder, "cc");
      writeFileSync(compiler, `#!/bin/sh\n[ "$1" = --version ] && echo "fussy ${Date.now()}"\n`);
      chmodSync(compiler, 0o755);
      await expect(compileAllC(false, compiler)).rejects.toThrow(
        expect.objectContaining({
          code: "ERR_COMPILE",
          message: expect.stringContaining("epoll-echo: expected it to compile"),
        }),
      );
    },
  );
});
