import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MessageConnection } from "../src/index.js";
import { pattern } from "./bytes.js";
import type { Carried } from "./carrier.js";
import { Network } from "./network.js";
import { nodeCarrier } from "./node-carrier.js";
import { RawPeer } from "./raw-peer.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { turns, until } from "./until.js";

const WRITE_TIMEOUT_MS = 200;
/** What a peer has to read within a write deadline, at the least, to be sure not to count as stuck. */
const STATED_BYTES = { native: 131_072, node: 1_500_000 };
const DEADLINES = 20;
/** With so many steps a deadline, each reading the stated bytes, it is four times as fast. */
const STEPS = 4;

/** A connection that sends without end, as fast as it may, and its peer, with a clock that stands still. */
interface Flood {
  readonly end: Recorder;
  readonly peer: RawPeer;
  pass(ms: number): void;
}

function flood(connection: MessageConnection): Recorder {
  const message = pattern(60_000);
  const end = new Recorder(connection).consume();
  const send = (): void => {
    while (connection.open && connection.send(message));
  };
  connection.onDrain = send;
  send();
  return end;
}

/** Nothing moves any more: the system holds what it can. */
async function stuck({ connection }: Recorder): Promise<void> {
  for (let sent = -1; sent !== connection.stats().bytesSent; ) {
    sent = connection.stats().bytesSent;
    await turns(50);
  }
}

async function isServedForEver({ end, peer, pass }: Flood, statedBytes: number): Promise<void> {
  await stuck(end);
  const before = end.connection.stats().bytesSent;
  for (let step = 1; step <= DEADLINES * STEPS; step++) {
    await peer.reads(step * statedBytes);
    pass(WRITE_TIMEOUT_MS / STEPS);
    await turns(3);
    expect([step, end.code]).toEqual([step, undefined]);
  }
  expect(end.connection.stats().bytesSent - before).toBeGreaterThan(DEADLINES * statedBytes);
}

/** After one deadline, or two where bytes were taken without a word. */
async function isDropped({ end, pass }: Flood): Promise<void> {
  await stuck(end);
  pass(WRITE_TIMEOUT_MS);
  await turns();
  if (end.code === undefined) pass(WRITE_TIMEOUT_MS);
  await end.closed();
  expect(end.code).toBe("ERR_WRITE_TIMEOUT");
}

describe.each(testedBackends())("a slow reader over sockets as the system makes them, with %s", (backend) => {
  let network: Network;
  beforeEach(() => {
    network = new Network(backend);
  });
  afterEach(() => network.close());

  it("is served for ever at four times the stated rate, and dropped when it stops", async () => {
    let connection: MessageConnection | undefined;
    const server = await network.listen({ writeTimeoutMs: WRITE_TIMEOUT_MS }, (accepted) => {
      connection = accepted;
    });
    const peer = network.rawPeer(server);
    await until("it to be there", () => connection !== undefined);
    const flooded: Flood = { end: flood(connection!), peer, pass: (ms) => network.pass(ms) };
    await isServedForEver(flooded, STATED_BYTES.native);
    await isDropped(flooded);
  });
});

describe("a slow reader over a socket of node:net", () => {
  let carried: Carried;
  beforeEach(async () => {
    carried = await nodeCarrier().open();
  });
  afterEach(() => {
    carried.close();
    expect([carried.uncaught, carried.timers.size]).toEqual([[], 0]);
  });

  it("is served for ever at four times the rate that is stated there, and dropped when it stops", async () => {
    const { streams, timers } = carried;
    const connection = new MessageConnection(streams[0], { writeTimeoutMs: WRITE_TIMEOUT_MS }, { timers });
    const peer = new RawPeer(streams[1]);
    const flooded: Flood = { end: flood(connection), peer, pass: (ms) => carried.pass(ms) };
    await isServedForEver(flooded, STATED_BYTES.node);
    await isDropped(flooded);
  });
});
