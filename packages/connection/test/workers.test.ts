import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join as joinPath } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import {
  connect,
  type MessageConnection,
  type RunningWorkers,
  type RunWorkersOptions,
  runWorkers,
} from "../src/index.js";
import { bytes, text } from "./bytes.js";
import { runProgram } from "./run-program.js";
import { turns, until } from "./until.js";

const ROOM = new URL("./worker-programs/room.mjs", import.meta.url);

const unixSockets = process.platform !== "win32";
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const nodeSharesPorts = unixSockets && (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12));

/** A client, and what it has heard. */
class Client {
  readonly heard: string[] = [];
  readonly connection: MessageConnection;
  error: NodeJS.ErrnoException | undefined;

  constructor(connection: MessageConnection) {
    this.connection = connection;
    connection.onMessage = (message) => void this.heard.push(text(message));
    connection.onClose = (error) => {
      this.error = error;
    };
  }

  say(words: string): void {
    this.connection.send(bytes(words));
  }

  /** The answer to a command. */
  async ask(words: string): Promise<string> {
    const before = this.heard.length;
    this.say(words);
    await until(`an answer to ${words}`, () => this.heard.length > before);
    return this.heard[before]!;
  }
}

/**
 * How connections come to the workers, each with all that they promise. Not everywhere does the system spread them; where it does,
 * handing them over is left to `P2PNET_TESTS=all`, as CI has it, but for the tests of its own.
 */
const spreads = ["reusePort", "handles"] as const;
const tested = spreads.filter((spread) =>
  process.platform === "linux" ? spread === "reusePort" || process.env["P2PNET_TESTS"] === "all" : spread === "handles",
);

describe.each(tested)("workers, spread by %s", (spread) => {
  const running: RunningWorkers[] = [];
  const clients: Client[] = [];
  afterEach(async () => {
    for (const { connection } of clients.splice(0)) connection.abort();
    for (const workers of running.splice(0)) await workers.close({ deadlineMs: 100 });
  });

  async function start(data: object = {}, options: RunWorkersOptions = { workers: 3 }): Promise<RunningWorkers> {
    const workers = await runWorkers(ROOM, { spread, ...options, data });
    running.push(workers);
    return workers;
  }

  async function join({ address }: RunningWorkers): Promise<Client> {
    const client = new Client(await connect({ host: "127.0.0.1", port: address.port }));
    clients.push(client);
    return client;
  }

  /** Clients of every worker: one of each at least, by the worker's index. */
  async function joinAll(workers: RunningWorkers): Promise<Client[]> {
    const byWorker: Client[] = [];
    // The system chooses by the client's port: so many tries leave one out once in a billion times.
    for (let i = 0; i < 60 && Object.keys(byWorker).length < workers.size; i++) {
      const client = await join(workers);
      byWorker[Number(await client.ask("who"))] ??= client;
    }
    expect(Object.keys(byWorker)).toEqual(Array.from({ length: workers.size }, (_, index) => String(index)));
    return byWorker;
  }

  it("share one port, and the clients spread over them", async () => {
    const workers = await start();
    expect(workers.size).toBe(3);
    expect(workers.address).toMatchObject({ address: "127.0.0.1", family: 4 });
    expect(workers.address.port).toBeGreaterThan(0);
    await joinAll(workers);
  });

  it("answer each client what it has said", async () => {
    const workers = await start();
    const peers = await Promise.all(Array.from({ length: 20 }, () => join(workers)));
    for (let i = 0; i < 50; i++) for (const [n, peer] of peers.entries()) peer.say(`echo ${n}: ${i}`);
    await until("all echoes", () => peers.every(({ heard }) => heard.length === 50));
    for (const [n, { heard }] of peers.entries())
      expect(heard).toEqual(Array.from({ length: 50 }, (_, i) => `${n}: ${i}`));
  });

  it("broadcast to the clients of all, to each exactly once, in each sender's order", async () => {
    const workers = await start();
    const peers = await joinAll(workers);
    const everybody = [...clients];
    for (const client of everybody) client.heard.splice(0);
    for (let i = 0; i < 100; i++) for (const [n, peer] of peers.entries()) peer.say(`all ${n} ${i}`);
    await until("all messages", () => everybody.every(({ heard }) => heard.length >= 100 * 2));
    await (await join(workers)).ask("who");
    for (const client of everybody) {
      for (const n of peers.keys()) {
        const fromThat = client.heard.filter((words) => words.startsWith(`${n} `));
        const expected = peers[n] === client ? [] : Array.from({ length: 100 }, (_, i) => `${n} ${i}`);
        expect(fromThat).toEqual(expected);
      }
    }
  });

  it("carry broadcasts of all sizes, and refuse one that cannot be framed, though no other client is there", async () => {
    const workers = await start();
    const [first, second] = await joinAll(workers);
    const long = "x".repeat(300_000);
    first!.say(`all ${long}`);
    await until("the long one", () => second!.heard.includes(long));
    expect(await first!.ask("empty")).toBe("ERR_FRAME_EMPTY");
    expect(await second!.ask("who")).toBe("1");
  });

  it("add up what they count, also when they are closed", async () => {
    const workers = await start();
    const peers = await joinAll(workers);
    const accepted = clients.length;
    expect(await workers.stats()).toMatchObject({
      connections: accepted,
      accepted,
      messagesReceived: accepted,
      messagesSent: accepted,
      ended: { none: 0 },
      refused: { ERR_ACCEPT_RATE: 0 },
    });
    const { ageMs, idleMs } = await workers.stats();
    expect([idleMs >= 0, ageMs >= idleMs, Number.isFinite(ageMs)]).toEqual([true, true, true]);
    await Promise.all([workers.stats(), ...peers.map(({ connection }) => connection.close())]);
    expect(await workers.close()).toEqual({ cut: 0 });
    expect(await workers.stats()).toMatchObject({ connections: 0, accepted, ended: { none: accepted }, cut: 0 });
  });

  it("send what is queued before they close, and take nobody new", async () => {
    const workers = await start();
    const peers = await joinAll(workers);
    const long = "y".repeat(1_000_000);
    for (const peer of peers) peer.say(`echo ${long}`);
    await until("the echo to begin", () => peers.every(({ connection }) => connection.stats().bytesReceived > 100));
    expect(await workers.close()).toEqual({ cut: 0 });
    expect(peers.map(({ heard }) => heard.at(-1) === long)).toEqual([true, true, true]);
    await expect(join(workers)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await workers.close()).toEqual({ cut: 0 });
    await workers.closed;
  });

  it("reset who has not finished by the deadline, and say how many those are in all", async () => {
    const workers = await start();
    await joinAll(workers);
    const stuck = clients.length;
    for (const { connection } of clients) {
      connection.send(bytes(`echo ${"z".repeat(1_000_000)}`));
      connection.send(bytes(`echo ${"z".repeat(1_000_000)}`));
      connection.send(bytes(`echo ${"z".repeat(1_000_000)}`));
    }
    await until("all to be said", () => clients.every(({ connection }) => connection.bufferedBytes === 0));
    for (const { connection } of clients) connection.pause();
    const { cut } = await workers.close({ deadlineMs: 0 });
    expect(cut).toBeGreaterThan(0);
    expect(cut).toBeLessThanOrEqual(stuck);
    expect((await workers.stats()).cut).toBe(cut);
  });

  it("tell what one threw that could not start, once, and leave nothing running", async () => {
    const failed = await start({ throws: 1 }).catch((error: Error) => error);
    expect(failed).toMatchObject({
      name: "ConnectionError",
      code: "ERR_WORKER_FAILED",
      message: "worker 1: expected it to serve, got TypeError: no room",
      cause: { name: "TypeError", message: "no room" },
    });
  });

  it("tell the system's error where the first cannot listen", async () => {
    const failed = await start({ listen: { host: "192.0.2.1" } }).catch((error: Error) => error);
    expect(failed).toMatchObject({ code: "ERR_WORKER_FAILED", cause: { code: "EADDRNOTAVAIL" } });
  });

  it("tell who does not listen in time", async () => {
    const failed = await start({ silent: true }, { workers: 2, startTimeoutMs: 300 }).catch((error: Error) => error);
    expect(failed).toMatchObject({
      code: "ERR_WORKER_FAILED",
      message: "worker 0: expected it to serve, got Error: no address within 300 ms",
    });
  });

  it("give up when the signal says so", async () => {
    const reason = new Error("not any more");
    await expect(start({}, { workers: 2, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const stop = new AbortController();
    const starting = start({ silent: true }, { workers: 2, signal: stop.signal });
    stop.abort(reason);
    await expect(starting).rejects.toBe(reason);
  });

  it.each([
    ["throws", "throw", "got RangeError: told to"],
    ["exits", "exit", "got its end with code 7"],
  ])("replace one that %s, whose clients alone notice", async (_, command, got) => {
    const workers = await start();
    const errors: Error[] = [];
    workers.onError = (error) => void errors.push(error);
    const [first, second, third] = await joinAll(workers);
    second!.say(command);
    await until("it to be told", () => errors.length === 1);
    expect(errors[0]).toMatchObject({ code: "ERR_WORKER_FAILED", message: `worker 1: expected it to serve, ${got}` });
    await until("its clients to be reset", () => second!.error !== undefined);
    expect(second!.error!.code).toBe("ECONNRESET");
    expect(await first!.ask("who")).toBe("0");
    expect(await third!.ask("who")).toBe("2");

    const heir = await joinIndex(workers, 1);
    first!.say("all hello, new one");
    await until("a broadcast", () => heir.heard.includes("hello, new one"));
    const { accepted, connections } = await workers.stats();
    expect(accepted).toBeGreaterThan(connections);
    expect(errors).toHaveLength(1);
  });

  /** A client of one worker, which may still be starting. */
  async function joinIndex(workers: RunningWorkers, index: number): Promise<Client> {
    for (let i = 0; i < 1_000; i++) {
      const client = await join(workers);
      if (Number(await client.ask("who")) === index) return client;
      await client.connection.close();
    }
    throw new Error(`expected a client of worker ${index}, got none`);
  }

  it("are all closed when they die again and again", async () => {
    const workers = await start({}, { workers: 1 });
    const errors: Error[] = [];
    workers.onError = (error) => void errors.push(error);
    for (let deaths = 1; deaths <= 6; deaths++) {
      await until("somebody to connect to", () => errors.length === deaths - 1);
      await joinOnceItListens(workers).then((client) => client.say("throw"));
      await until("its death", () => errors.length === deaths);
    }
    await workers.closed;
    await expect(join(workers)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  async function joinOnceItListens(workers: RunningWorkers): Promise<Client> {
    for (;;) {
      const client = await join(workers).catch(() => null);
      if (client !== null) return client;
      await turns(1);
    }
  }

  it("are terminated if they are stuck, and that is told", async () => {
    const workers = await start({}, { workers: 2 });
    const errors: Error[] = [];
    workers.onError = (error) => void errors.push(error);
    const [first, second] = await joinAll(workers);
    expect(await second!.ask("hang")).toBe("about to");
    await first!.ask("who");
    expect((await workers.stats()).accepted).toBeGreaterThan(0);
    await workers.close({ deadlineMs: 100 });
    expect(errors).toMatchObject([
      {
        code: "ERR_WORKER_FAILED",
        message: "worker 1: expected it to close within 100 ms, got nothing, so it was terminated",
      },
    ]);
  });

  it("are all closed when one ends without closing what it has open", async () => {
    const threadOptions = { resourceLimits: { maxOldGenerationSizeMb: 24 } };
    const workers = await start({}, { workers: 2, threadOptions });
    const errors: Error[] = [];
    workers.onError = (error) => void errors.push(error);
    const [, second] = await joinAll(workers);
    second!.say("fill");
    await workers.closed;
    expect(errors).toMatchObject([{ code: "ERR_WORKER_FAILED", cause: { code: "ERR_WORKER_OUT_OF_MEMORY" } }]);
  });

  it("may say goodbye when they are closed", async () => {
    const workers = await start({}, { workers: 2 });
    const peers = await joinAll(workers);
    for (const peer of peers) peer.say("goodbye");
    await Promise.all(peers.map((peer) => peer.ask("who")));
    await workers.close();
    await until("the goodbyes", () => peers.every(({ heard }) => heard.at(-1) === "goodbye"));
  });

  it("are as many as there are processors", async () => {
    const workers = await start({}, {});
    expect(workers.size).toBe(availableParallelism());
    expect(await (await join(workers)).ask("echo hello")).toBe("hello");
  });

  it("listen once each, and broadcast no sooner", async () => {
    const workers = await start({ early: true }, { workers: 1 });
    const peer = await join(workers);
    expect(await peer.ask("again")).toBe("ERR_WORKER_LISTENS");
    expect(await peer.ask("early")).toBe("ERR_CONNECTION_CLOSED");
  });

  it.skipIf(!unixSockets)(
    "are one where they cannot share an address, unless more were asked for; needs Unix sockets",
    async () => {
      const path = joinPath(mkdtempSync(joinPath(tmpdir(), "p2pnet-workers-")), "room.sock");
      onTestFinished(() => rmSync(dirname(path), { recursive: true }));
      const failed = await start({ listen: { path } }, { workers: 2 }).catch((error: Error) => error);
      expect(failed).toMatchObject({ code: "ERR_WORKER_FAILED", cause: { code: "ERR_INVALID_ARG_VALUE" } });
      const workers = await start({ listen: { path } }, {});
      expect(workers.size).toBe(1);
      const client = new Client(await connect({ path }));
      clients.push(client);
      expect(await client.ask("who")).toBe("0");
    },
  );

  it.skipIf(!nodeSharesPorts)("serve over transport node; needs Node 22.12 or 23.1", async () => {
    const workers = await start({ listen: { transport: "node" } });
    const peers = await joinAll(workers);
    peers[0]!.say("all hello");
    await until("a broadcast", () => peers.slice(1).every(({ heard }) => heard.includes("hello")));
    expect(await workers.close()).toEqual({ cut: 0 });
  });

  it("refuse a spread that there is not", async () => {
    const options = { spread: "evenly" } as unknown as RunWorkersOptions;
    await expect(start({}, options)).rejects.toMatchObject({ code: "ERR_INVALID_ARG_VALUE" });
  });

  it.each([{ workers: 0 }, { workers: 1.5 }, { startTimeoutMs: 0 }])("refuse %j", async (options) => {
    await expect(start({}, options)).rejects.toMatchObject({ code: "ERR_OUT_OF_RANGE" });
  });
});

describe("a process that has run workers", () => {
  it.each([{}, { lingers: true }])("ends by itself when they are closed, with data %j", async (data) => {
    const program = `
      import { connect, runWorkers, workerContext } from "@p2pnet/connection";
      try {
        workerContext();
      } catch (error) {
        console.log(error.code);
      }
      const workers = await runWorkers(new URL(process.env.ROOM), { workers: 2, data: JSON.parse(process.env.DATA) });
      const peer = await connect({ host: "127.0.0.1", port: workers.address.port });
      peer.send(new TextEncoder().encode("echo hello"));
      for await (const message of peer) {
        console.log(new TextDecoder().decode(message));
        break;
      }
      console.log((await workers.close()).cut);
    `;
    const environment = { ROOM: ROOM.href, DATA: JSON.stringify(data) };
    expect(await runProgram(program, { environment })).toBe("ERR_NO_WORKER\nhello\n0\n");
  });

  it("hears of one that has died although nobody asked", async () => {
    const program = `
      import { connect, runWorkers } from "@p2pnet/connection";
      const workers = await runWorkers(new URL(process.env.ROOM), { workers: 2, data: {} });
      process.on("uncaughtException", async (error) => {
        console.log(error.code);
        await workers.close();
      });
      const peer = await connect({ host: "127.0.0.1", port: workers.address.port });
      peer.onMessage = () => {};
      peer.send(new TextEncoder().encode("throw"));
    `;
    expect(await runProgram(program, { environment: { ROOM: ROOM.href } })).toBe("ERR_WORKER_FAILED\n");
  });
});
