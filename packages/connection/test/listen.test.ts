import { getEventListeners } from "node:events";
import { Socket } from "@p2pnet/socket";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConnectionHandler, type ListenOptions, listen, type Resolver } from "../src/index.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { until } from "./until.js";

describe("listen", () => {
  let network: Network;
  beforeEach(() => {
    network = new Network("poll");
  });
  afterEach(() => network.close());

  it("fails when the address is taken", async () => {
    const { address } = await network.listen();
    await expect(network.listen({ port: address.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
      syscall: expect.stringMatching(/^(bind|listen)$/),
      message: expect.stringContaining("EADDRINUSE"),
    });
    expect(network.openSockets).toBe(1);
  });

  it("fails when the address is not of this machine", async () => {
    await expect(network.listen({ host: "192.0.2.1" })).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
    expect(network.openSockets).toBe(0);
  });

  it("binds although connections of before linger", async () => {
    const server = await network.listen();
    const end = new Recorder(await network.connect(server)).consume();
    await until("it to be there", () => server.connections.size === 1);
    await server.close();
    await end.closed();
    const again = await network.listen({ port: server.address.port });
    expect(again.address).toEqual(server.address);
  });

  it.each(["before", "while the name is being resolved"])("throws the reason of a signal aborted %s", async (when) => {
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    if (when === "before") controller.abort(reason);
    const listening = listen(
      { host: "slow", loop: network.loop, signal: controller.signal, resolver: () => new Promise(() => {}) },
      () => {},
    );
    controller.abort(reason);
    await expect(listening).rejects.toBe(reason);
    expect(network.openSockets).toBe(0);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("forgets the signal once it listens", async () => {
    const controller = new AbortController();
    const server = await network.listen({ host: "localhost", signal: controller.signal });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    controller.abort();
    expect((await network.connect(server)).open).toBe(true);
  });

  it.each([
    [{ host: 1 }, "ERR_INVALID_ARG_TYPE", "host: expected a string, got number"],
    [{ port: -1 }, "ERR_OUT_OF_RANGE", "port: expected an integer from 0 to 65535, got -1"],
    [{ port: 65_536 }, "ERR_OUT_OF_RANGE", "port: expected an integer from 0 to 65535, got 65536"],
    [{ backlog: -1 }, "ERR_OUT_OF_RANGE", "backlog: expected an integer from 0 to 2147483647, got -1"],
    [
      { maxConnections: 0 },
      "ERR_OUT_OF_RANGE",
      "maxConnections: expected an integer from 1 to 9007199254740991, got 0",
    ],
    [
      { maxConnectionsPerAddress: 0 },
      "ERR_OUT_OF_RANGE",
      "maxConnectionsPerAddress: expected an integer from 1 to 9007199254740991, got 0",
    ],
    [
      { acceptRatePerAddress: 0 },
      "ERR_OUT_OF_RANGE",
      "acceptRatePerAddress: expected a number from 0.001 to 9007199254740991, got 0",
    ],
    [
      { handshakeFailuresPerAddress: -1 },
      "ERR_OUT_OF_RANGE",
      "handshakeFailuresPerAddress: expected an integer from 0 to 9007199254740991, got -1",
    ],
    [
      { handshakePenaltyMs: 0 },
      "ERR_OUT_OF_RANGE",
      "handshakePenaltyMs: expected a number from 1 to 2147483647, got 0",
    ],
    [
      { maxPendingHandshakes: 1.5 },
      "ERR_OUT_OF_RANGE",
      "maxPendingHandshakes: expected an integer from 1 to 9007199254740991, got 1.5",
    ],
    [
      { handshakeTimeoutMs: Number.NaN },
      "ERR_OUT_OF_RANGE",
      "handshakeTimeoutMs: expected a number from 1 to 2147483647, got NaN",
    ],
    [{ upgrade: "tls" }, "ERR_INVALID_ARG_TYPE", "upgrade: expected a function, got string"],
    [{ resolver: "dns" }, "ERR_INVALID_ARG_TYPE", "resolver: expected a function, got string"],
    [{ idleTimeoutMs: -1 }, "ERR_OUT_OF_RANGE", "idleTimeoutMs: expected a number from 0 to 2147483647, got -1"],
    [
      { frame: { maxLength: 0 } },
      "ERR_INVALID_ARG_VALUE",
      "maxLength: expected an integer from 1 to 4294967295, got 0",
    ],
  ])("refuses at once %j", async (wrong, code, message) => {
    let asked = 0;
    const resolver: Resolver = async () => {
      asked++;
      return [];
    };
    const options = { host: "name", resolver, ...wrong } as ListenOptions;
    await expect(listen(options, () => {})).rejects.toMatchObject({ code, message });
    expect(asked).toBe(0);
  });

  it.each([
    [undefined, "onConnection: expected a function, got undefined"],
    [{ onMessage: () => {} }, "onConnection: expected a function, got object"],
  ])("refuses at once %j in place of a handler", async (handler, message) => {
    const listening = listen({ port: 0 }, handler as unknown as ConnectionHandler<null>);
    await expect(listening).rejects.toMatchObject({ code: "ERR_INVALID_ARG_TYPE", message });
    expect(network.openSockets).toBe(0);
  });

  it("takes a socket that nobody may use elsewhere", async () => {
    const server = await network.listen({ host: "127.0.0.1" });
    const other = Socket.open("tcp");
    try {
      other.options.reuseAddress = true;
      expect(() => {
        other.bind(server.address);
        other.listen();
      }).toThrow(expect.objectContaining({ code: "EADDRINUSE" }));
    } finally {
      other.close();
    }
  });
});
