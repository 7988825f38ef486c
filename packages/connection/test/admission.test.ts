import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Server } from "../src/index.js";
import { Network } from "./network.js";
import type { RawPeer } from "./raw-peer.js";
import { testedBackends } from "./tested-backends.js";
import { until } from "./until.js";

/** Peers of two addresses that every system has. */
const BOTH = { host: "::", ipv6Only: false };

describe.each(testedBackends())("whom a server lets in, with %s", (backend) => {
  let network: Network;
  let errors: Error[];
  beforeEach(() => {
    network = new Network(backend);
    errors = [];
  });
  afterEach(() => network.close());

  /** @param at by which of the server's addresses it comes: that is its own, too */
  function peer(server: Server, at?: string): RawPeer {
    const made = network.rawPeer(server, at);
    made.stream.resume();
    return made;
  }

  /** A peer that gets in. */
  async function enters(server: Server, at?: string): Promise<RawPeer> {
    const { accepted } = server.stats();
    const made = peer(server, at);
    await until("it to be let in", () => server.stats().accepted === accepted + 1);
    return made;
  }

  /** A peer that is turned away: what `onError` was told. */
  async function isRefused(server: Server, at?: string): Promise<Error> {
    server.onError = (error) => void errors.push(error);
    const made = peer(server, at);
    await made.failed();
    expect(made.error?.code).toBe("ECONNRESET");
    await until("the error to be told", () => errors.length > 0);
    return errors.shift()!;
  }

  it("no more at once from one address than it may", async () => {
    const server = await network.listen({ ...BOTH, maxConnectionsPerAddress: 2 });
    const [one] = [await enters(server, "::1"), await enters(server, "::1")];
    expect(await isRefused(server, "::1")).toMatchObject({
      name: "ConnectionError",
      code: "ERR_TOO_MANY_FROM_ADDRESS",
      message: "server: expected at most 2 connections from ::1, got one more",
    });
    await enters(server, "127.0.0.1");
    one.stream.end();
    await until("room", () => server.connections.size === 2);
    await enters(server, "::1");
    expect(server.stats()).toMatchObject({ accepted: 4, connections: 3, refused: { ERR_TOO_MANY_FROM_ADDRESS: 1 } });
  });

  it("no more in a second from one address than it may", async () => {
    const server = await network.listen({ ...BOTH, acceptRatePerAddress: 2 });
    for (let i = 0; i < 2; i++) (await enters(server, "::1")).stream.close();
    expect(await isRefused(server, "::1")).toMatchObject({
      code: "ERR_ACCEPT_RATE",
      message: "server: expected at most 2 connections a second from ::1, got one more",
    });
    await enters(server, "127.0.0.1");
    network.pass(500);
    await enters(server, "::1");
    expect((await isRefused(server, "::1")) as NodeJS.ErrnoException).toMatchObject({ code: "ERR_ACCEPT_RATE" });
    expect(server.stats().refused).toEqual({
      ERR_ACCEPT_RATE: 2,
      ERR_TOO_MANY_CONNECTIONS: 0,
      ERR_TOO_MANY_FROM_ADDRESS: 0,
      ERR_TOO_MANY_HANDSHAKES: 0,
      ERR_TOO_MANY_FAILED_HANDSHAKES: 0,
    });
  });

  it("no more in all than it may, those in a handshake among them", async () => {
    const server = await network.listen({ maxConnections: 1, upgrade: () => new Promise<never>(() => {}) });
    const first = peer(server);
    await until("a handshake", () => server.stats().pendingHandshakes === 1);
    expect(await isRefused(server)).toMatchObject({ code: "ERR_TOO_MANY_CONNECTIONS" });
    network.pass(10_000);
    await first.failed();
    expect(server.stats()).toMatchObject({ pendingHandshakes: 0, failedHandshakes: 1 });
    peer(server);
    await until("another handshake", () => server.stats().pendingHandshakes === 1);
  });

  it("nobody whose handshakes fail too often, for a time that grows and passes", async () => {
    const upgrade = () => Promise.reject(new Error("a stranger"));
    const server = await network.listen({ ...BOTH, handshakeFailuresPerAddress: 2, handshakePenaltyMs: 500, upgrade });
    const fails = async (at = "::1"): Promise<void> => {
      server.onError = (error) => void errors.push(error);
      const made = peer(server, at);
      await until("the end or a reset", () => made.ends > 0 || made.error !== undefined);
      await until("the error to be told", () => errors.length > 0);
      expect(errors.shift()).toEqual(new Error("a stranger"));
    };
    for (let i = 0; i < 3; i++) await fails();
    expect(await isRefused(server, "::1")).toMatchObject({
      name: "ConnectionError",
      code: "ERR_TOO_MANY_FAILED_HANDSHAKES",
      message: "server: expected at most 2 failed handshakes from ::1, got one more",
    });
    await fails("127.0.0.1");
    network.pass(499);
    expect(await isRefused(server, "::1")).toMatchObject({ code: "ERR_TOO_MANY_FAILED_HANDSHAKES" });
    network.pass(1);
    await fails();
    network.pass(999);
    expect(await isRefused(server, "::1")).toMatchObject({ code: "ERR_TOO_MANY_FAILED_HANDSHAKES" });
    network.pass(1);
    await fails();
    network.pass(600_000);
    for (let i = 0; i < 3; i++) await fails();
    expect(server.stats()).toMatchObject({
      failedHandshakes: 9,
      accepted: 0,
      refused: { ERR_TOO_MANY_FAILED_HANDSHAKES: 3 },
    });
  });

  it("whoever has failed as often as it likes, unless the server says otherwise", async () => {
    const server = await network.listen({ upgrade: () => Promise.reject(new Error("a stranger")) });
    server.onError = (error) => void errors.push(error);
    for (let i = 0; i < 20; i++) peer(server);
    await until("all to fail", () => errors.length === 20);
    expect(errors).toEqual(Array.from({ length: 20 }, () => new Error("a stranger")));
  });

  it("no more in a handshake than it may", async () => {
    const server = await network.listen({ maxPendingHandshakes: 2, upgrade: () => new Promise<never>(() => {}) });
    peer(server);
    peer(server);
    await until("two handshakes", () => server.stats().pendingHandshakes === 2);
    expect(await isRefused(server)).toMatchObject({
      code: "ERR_TOO_MANY_HANDSHAKES",
      message: "server: expected at most 2 handshakes at once, got one more",
    });
    expect(server.stats()).toMatchObject({ accepted: 0, refused: { ERR_TOO_MANY_HANDSHAKES: 1 } });
  });
});
