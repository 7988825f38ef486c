import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { SocketAddress } from "@p2pnet/socket";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { connect, type MessageConnection, workerContext } from "../src/index.js";
import { NO_STATS } from "../src/server-stats.js";
import { WorkerContext } from "../src/workers/worker-context.js";
import type { FromWorker, ToWorker, WorkerStart } from "../src/workers/worker-messages.js";
import { bytes, text } from "./bytes.js";
import { until } from "./until.js";

const onUnix = process.platform !== "win32";
const exitListeners = process.listeners("exit");
afterEach(() => {
  for (const listener of process.listeners("exit")) {
    if (!exitListeners.includes(listener)) process.off("exit", listener);
  }
});

/** A worker in this thread, and its parent's end of the channel to it. */
class Worker {
  readonly context: WorkerContext;
  readonly told: FromWorker[] = [];
  readonly #control: MessagePort;

  constructor(start: Partial<WorkerStart> = {}) {
    const { port1, port2 } = new MessageChannel();
    const alone = {
      index: 0,
      count: 1,
      address: null,
      spread: "reusePort" as const,
      mayBeAlone: true,
      data: null,
      peers: [],
    };
    this.context = new WorkerContext({ ...alone, waiting: new SharedArrayBuffer(32), ...start, control: port2 });
    this.#control = port1;
    port1.on("message", (message: FromWorker) => void this.told.push(message));
    onTestFinished(async () => {
      this.tell({ kind: "close", deadlineMs: 0 });
      await until("the worker's end", () => this.context.signal.aborted);
      port1.close();
    });
  }

  tell(message: ToWorker, transferred: MessagePort[] = []): void {
    this.#control.postMessage(message, transferred);
  }

  async hear<K extends FromWorker["kind"]>(kind: K): Promise<FromWorker & { kind: K }> {
    const ofKind = (message: FromWorker): message is FromWorker & { kind: K } => message.kind === kind;
    await until(`the worker to tell ${kind}`, () => this.told.some(ofKind));
    return this.told.find(ofKind)!;
  }
}

/** A client of a worker, and what it has heard. */
async function joinAt({ address, port }: SocketAddress): Promise<{ connection: MessageConnection; heard: string[] }> {
  const connection = await connect({ host: address, port });
  onTestFinished(() => connection.abort());
  const heard: string[] = [];
  connection.onMessage = (message) => void heard.push(text(message));
  return { connection, heard };
}

describe("a worker's context", () => {
  it("has what the worker was started with", () => {
    const { context } = new Worker({ index: 3, count: 8, data: { room: "red" } });
    expect(context).toMatchObject({ index: 3, count: 8, data: { room: "red" } });
    expect(context.signal.aborted).toBe(false);
  });

  it("is not for threads that runWorkers has not started", () => {
    expect(() => workerContext()).toThrow(expect.objectContaining({ code: "ERR_NO_WORKER" }));
  });

  it("tells where it listens, and serves there", async () => {
    const worker = new Worker();
    const server = await worker.context.listen({}, (peer) => {
      peer.onMessage = (message) => peer.send(message);
    });
    expect(await worker.hear("listening")).toEqual({ kind: "listening", address: server.address, alone: true });
    const { connection, heard } = await joinAt(server.address);
    connection.send(bytes("hello"));
    await until("the echo", () => heard.length > 0);
    expect(heard).toEqual(["hello"]);
  });

  it("listens once, and not if its signal says so", async () => {
    const { context } = new Worker();
    const reason = new Error("not any more");
    await expect(context.listen({ signal: AbortSignal.abort(reason) }, () => {})).rejects.toBe(reason);
    await expect(context.listen({}, () => {})).rejects.toMatchObject({ code: "ERR_WORKER_LISTENS" });
  });

  it.skipIf(!onUnix)("listens where another worker does already; needs shared ports", async () => {
    const first = new Worker({ count: 2 });
    const { address } = await first.context.listen({}, () => {});
    const second = new Worker({ index: 1, count: 2, address });
    expect((await second.context.listen({}, () => {})).address).toEqual(address);
    expect(await second.hear("listening")).toMatchObject({ alone: false });
  });

  it.skipIf(!onUnix)("is alone on a path that no two can share, or fails; needs Unix sockets", async () => {
    const folder = mkdtempSync(join(tmpdir(), "p2pnet-context-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "room.sock");
    const strict = new Worker({ count: 2, mayBeAlone: false });
    await expect(strict.context.listen({ path }, () => {})).rejects.toMatchObject({ code: "ERR_INVALID_ARG_VALUE" });
    const lenient = new Worker({ count: 2 });
    await lenient.context.listen({ path }, () => {});
    expect(await lenient.hear("listening")).toMatchObject({ alone: true });
  });

  it("broadcasts to its own clients and to those of workers that came before and after it", async () => {
    const waiting = new SharedArrayBuffer(12);
    const toFirst = new MessageChannel();
    const toLast = new MessageChannel();
    const first = new Worker({ index: 0, waiting, peers: [{ index: 1, port: toFirst.port1 }] });
    const middle = new Worker({ index: 1, waiting, peers: [{ index: 0, port: toFirst.port2 }] });
    const last = new Worker({ index: 2, waiting, peers: [{ index: 1, port: toLast.port1 }] });
    middle.tell({ kind: "peer", peer: { index: 2, port: toLast.port2 } }, [toLast.port2]);
    middle.tell({ kind: "stats" });
    await middle.hear("stats"); // So it has met the last one, too.
    const workers = [first, middle, last];
    const servers = await Promise.all(workers.map(({ context }) => context.listen({}, () => {})));
    const clients = await Promise.all(servers.map(({ address }) => joinAt(address)));
    await until("all clients", () => servers.every((server) => server.stats().connections === 1));
    expect(middle.context.broadcast(bytes("to all"))).toEqual({ sent: 1, skipped: 0, dropped: 0, missed: 0 });
    await until("the message everywhere", () => clients.every(({ heard }) => heard.length > 0));
    expect(clients.map(({ heard }) => heard)).toEqual([["to all"], ["to all"], ["to all"]]);
  });

  it("broadcasts nothing before it listens, and nothing that cannot be framed, though nobody is there", async () => {
    const { context } = new Worker();
    expect(() => context.broadcast(bytes("early"))).toThrow(expect.objectContaining({ code: "ERR_CONNECTION_CLOSED" }));
    await context.listen({}, () => {});
    expect(() => context.broadcast(new Uint8Array(0))).toThrow(expect.objectContaining({ code: "ERR_FRAME_EMPTY" }));
  });

  it("tells what it counts, from the start on", async () => {
    const worker = new Worker();
    worker.tell({ kind: "stats" });
    expect(await worker.hear("stats")).toEqual({ kind: "stats", stats: NO_STATS });
    worker.told.splice(0);
    const server = await worker.context.listen({}, () => {});
    await joinAt(server.address);
    await until("the client", () => server.stats().connections === 1);
    worker.tell({ kind: "stats" });
    expect((await worker.hear("stats")).stats).toMatchObject({ connections: 1, accepted: 1 });
  });

  it("lets its connections drain when it is told to close, and tells what it has counted", async () => {
    const worker = new Worker();
    const { context } = worker;
    const server = await context.listen({}, (peer) => {
      context.signal.addEventListener("abort", () => peer.send(bytes("goodbye")));
    });
    const { connection, heard } = await joinAt(server.address);
    await until("the client", () => server.stats().connections === 1);
    worker.tell({ kind: "close", deadlineMs: 5_000 });
    await connection.closed;
    expect(heard).toEqual(["goodbye"]);
    expect((await worker.hear("closed")).stats).toMatchObject({ connections: 0, accepted: 1, cut: 0 });
  });

  it("resets its connections when its thread ends, since nobody would look after them", async () => {
    const worker = new Worker();
    const server = await worker.context.listen({}, () => {});
    const { connection } = await joinAt(server.address);
    const ended = new Promise((resolve) => {
      connection.onClose = resolve;
    });
    await until("the client", () => server.stats().connections === 1);
    const [atExit] = process.listeners("exit").filter((listener) => !exitListeners.includes(listener));
    atExit!(0);
    expect(await ended).toMatchObject({ code: "ECONNRESET" });
    expect((await worker.hear("gone")).stats).toMatchObject({ connections: 0, accepted: 1 });
  });
});
