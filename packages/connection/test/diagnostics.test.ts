import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { Timers } from "@p2pnet/event-loop";
import { ManualClock, streamPair } from "@p2pnet/stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConnectionOptions, connect, listen, MessageConnection } from "../src/index.js";
import { pattern } from "./bytes.js";
import { Recorder } from "./recorder.js";
import { turns, until } from "./until.js";

const NAMES = ["open", "close", "error", "slow"].map((name) => `p2pnet:connection:${name}`);

interface Told {
  readonly name: string;
  readonly connection: MessageConnection;
  readonly error?: NodeJS.ErrnoException;
  readonly queuedBytes?: number;
}

describe("diagnostics channels", () => {
  const timers = new Timers(new ManualClock());
  let told: Told[];
  const listener = (message: unknown, name: string | symbol): void => {
    told.push({ name: String(name).replace("p2pnet:connection:", ""), ...(message as object) } as Told);
  };
  beforeEach(() => {
    told = [];
    for (const name of NAMES) subscribe(name, listener);
  });
  afterEach(() => {
    for (const name of NAMES) unsubscribe(name, listener);
  });

  const join = (options: ConnectionOptions = {}): [MessageConnection, Recorder] => {
    const [left, right] = streamPair({ bufferSize: 1_000 });
    const connection = new MessageConnection(left, options, { timers });
    told.splice(0);
    const there = new Recorder(new MessageConnection(right, {}, { timers }));
    told.splice(0);
    return [connection, there];
  };
  const of = (connection: MessageConnection): Told[] => told.filter((one) => one.connection === connection);

  it("tell of connections that open and close", async () => {
    const server = await listen({ transport: "node" }, (peer) => {
      peer.onMessage = () => {};
    });
    const connection = await connect({ host: "127.0.0.1", port: server.address.port, transport: "node" });
    connection.onMessage = () => {};
    await until("both sides", () => told.length === 2);
    expect(told.map(({ name }) => name)).toEqual(["open", "open"]);
    const [peer] = server.connections;
    expect(new Set(told.map((one) => one.connection))).toEqual(new Set([connection, peer]));
    await connection.close();
    await server.close();
    expect(of(connection).slice(1)).toEqual([{ name: "close", connection, error: undefined }]);
    expect(of(peer!).slice(1)).toEqual([{ name: "close", connection: peer, error: undefined }]);
  });

  it("tell what a connection has failed with, before it closes, and what it counted", async () => {
    const [connection] = join();
    connection.send(pattern(10));
    const error = new Error("enough");
    connection.abort(error);
    connection.abort();
    await connection.closed;
    expect(of(connection)).toEqual([
      { name: "error", connection, error },
      { name: "close", connection, error },
    ]);
    expect(told[1]!.connection.stats().messagesSent).toBe(1);
  });

  it("tell of a peer that has become slow, once until it has caught up", async () => {
    const [connection, there] = join({ highWaterMark: 2_000, lowWaterMark: 100 });
    for (let i = 0; i < 5; i++) connection.send(pattern(996, i));
    expect(told).toEqual([{ name: "slow", connection, queuedBytes: 2_000 }]);
    there.consume();
    await connection.drained();
    await turns(3);
    for (let i = 0; i < 5; i++) connection.send(pattern(996, i));
    expect(told).toEqual([
      { name: "slow", connection, queuedBytes: 2_000 },
      { name: "slow", connection, queuedBytes: 2_000 },
    ]);
    expect(connection.stats().timesSlow).toBe(2);
  });

  it("are silent when nobody listens", async () => {
    for (const name of NAMES) unsubscribe(name, listener);
    expect(NAMES.map((name) => channel(name).hasSubscribers)).toEqual([false, false, false, false]);
    const [connection] = join({ highWaterMark: 1 });
    connection.send(pattern(10));
    connection.abort(new Error("enough"));
    await connection.closed;
    expect(told).toEqual([]);
  });
});
