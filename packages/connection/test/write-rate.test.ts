import { availableBackends } from "@p2pnet/event-loop";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MessageConnection } from "../src/index.js";
import { pattern } from "./bytes.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { turns, until } from "./until.js";

const WRITE_TIMEOUT_MS = 200;
/** What a peer has to read within a write deadline, at the least, to be sure not to count as stuck. */
const STATED_BYTES = 131_072;
const DEADLINES = 20;
/** With so many steps a deadline, each reading the stated bytes, it is four times as fast. */
const STEPS = 4;

describe.each(availableBackends())("a slow reader over sockets as the system makes them, with %s", (backend) => {
  let network: Network;
  beforeEach(() => {
    network = new Network(backend);
  });
  afterEach(() => network.close());

  /** A server that sends without end to whoever connects, as fast as it may. */
  async function flood(): Promise<{ end: Recorder; peer: ReturnType<Network["rawPeer"]> }> {
    const message = pattern(60_000);
    let connection: MessageConnection | undefined;
    const server = await network.listen({ writeTimeoutMs: WRITE_TIMEOUT_MS }, (accepted) => {
      connection = accepted;
    });
    const peer = network.rawPeer(server);
    await until("it to be there", () => connection !== undefined);
    const end = new Recorder(connection!).consume();
    const send = (): void => {
      while (end.connection.open && end.connection.send(message));
    };
    end.connection.onDrain = send;
    send();
    return { end, peer };
  }

  /** Nothing moves any more: the system holds what it can. */
  async function stuck({ connection }: Recorder): Promise<void> {
    for (let sent = -1; sent !== connection.stats().bytesSent; ) {
      sent = connection.stats().bytesSent;
      await turns(50);
    }
  }

  it("is served for ever at four times the stated rate, and dropped when it stops", async () => {
    const { end, peer } = await flood();
    await stuck(end);
    const before = end.connection.stats().bytesSent;
    for (let step = 1; step <= DEADLINES * STEPS; step++) {
      await peer.reads(step * STATED_BYTES);
      network.pass(WRITE_TIMEOUT_MS / STEPS);
      await turns(3);
      expect([step, end.code]).toEqual([step, undefined]);
    }
    expect(end.connection.stats().bytesSent - before).toBeGreaterThan(DEADLINES * STATED_BYTES);

    await stuck(end);
    network.pass(WRITE_TIMEOUT_MS);
    await end.closed();
    expect(end.code).toBe("ERR_WRITE_TIMEOUT");
  });
});
