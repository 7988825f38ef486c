import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionHandler, Server } from "../src/index.js";
import { NO_STATS, sumOfStats } from "../src/server-stats.js";
import { bytes } from "./bytes.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { turns, until } from "./until.js";

const echo: ConnectionHandler = (peer) => {
  peer.onMessage = (message) => void peer.send(message);
};

describe.each(testedBackends())("the times of a server with %s", (backend) => {
  let network: Network;
  beforeEach(() => {
    network = new Network(backend);
  });
  afterEach(() => network.close());

  async function pass(ms: number): Promise<void> {
    network.pass(ms);
    await turns(3);
  }

  /** A client that has heard its echo. */
  async function client(server: Server): Promise<Recorder> {
    const recorder = new Recorder(await network.connect(server)).consume();
    recorder.connection.send(bytes("hello"));
    await recorder.received(1);
    return recorder;
  }

  it("count from when it listens, while nobody comes", async () => {
    const server = await network.listen({}, echo);
    expect(server.stats()).toMatchObject({ ageMs: 0, idleMs: 0 });
    await pass(1_000);
    expect(server.stats()).toMatchObject({ ageMs: 1_000, idleMs: 1_000 });
  });

  it("tell when a byte last moved on any connection, one that has ended among them", async () => {
    const server = await network.listen({}, echo);
    await pass(1_000);
    await client(server);
    await pass(300);
    const last = await client(server);
    await pass(200);
    expect(server.stats()).toMatchObject({ ageMs: 1_500, idleMs: 200 });
    last.connection.abort();
    await until("one to be gone", () => server.connections.size === 1);
    await pass(50);
    expect(server.stats()).toMatchObject({ ageMs: 1_550, idleMs: 250 });
  });
});

it("two servers as one are as old as the older, and as idle as the busier", () => {
  const sum = sumOfStats({ ...NO_STATS, ageMs: 10, idleMs: 7 }, { ...NO_STATS, ageMs: 5, idleMs: 2 });
  expect(sum).toMatchObject({ ageMs: 10, idleMs: 2 });
  expect(sumOfStats(NO_STATS, sum)).toEqual(sum);
});
