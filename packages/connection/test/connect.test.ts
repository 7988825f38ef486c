import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConnectOptions, type ConnectSettings, connect, type Resolver, type TcpTarget } from "../src/index.js";
import { bytes } from "./bytes.js";
import { replaceCalls, system } from "./faults.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { turns, until } from "./until.js";

const ECONNREFUSED = { name: "Error", code: "ECONNREFUSED", syscall: "connect", address: "127.0.0.1" };
const four = (...addresses: string[]): Resolver => {
  return async () => addresses.map((address) => ({ address, family: 4 }));
};
const bothLoopbacks: Resolver = async () => [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];
const never: Resolver = () => new Promise(() => {});

describe.each(testedBackends())("connect with %s", (backend) => {
  let network: Network;
  beforeEach(() => {
    network = new Network(backend);
  });
  afterEach(() => network.close());

  /** Connecting fails: with what, and that it leaves nothing behind. */
  async function failure(options: ConnectSettings & Partial<TcpTarget>): Promise<unknown> {
    const before = network.openSockets;
    const error = await network.connect({ host: "127.0.0.1", port: 9, ...options }).then(
      () => expect.unreachable("connected"),
      (reason: unknown) => reason,
    );
    await until("its socket to be closed, and the server's", () => network.openSockets === before);
    expect(network.loop.timers.size, "timers left").toBe(0);
    return error;
  }

  it("gives a connection that knows both its ends", async () => {
    const peers: Recorder[] = [];
    const server = await network.listen({}, (peer) => void peers.push(new Recorder(peer).consume()));
    const connection = await network.connect(server);
    connection.send(bytes("hello"));
    await new Promise<void>((resolve) => {
      connection.onClose = () => resolve();
      void connection.close();
    });
    expect(peers[0]!.texts).toEqual(["hello"]);
    expect(connection.remoteAddress).toEqual(server.address);
    expect(connection.localAddress).toEqual(peers[0]!.connection.remoteAddress);
    expect(peers[0]!.connection.localAddress).toEqual(server.address);
  });

  it("turns Nagle's algorithm off at both ends", async () => {
    const { constants } = system();
    const set: number[] = [];
    const restore = replaceCalls((real) => ({
      setOption: (handle, level, name, value) => {
        if (level === constants.IPPROTO_TCP && name === constants.TCP_NODELAY) set.push(value[0]!);
        return real.setOption(handle, level, name, value);
      },
    }));
    try {
      const server = await network.listen();
      await network.connect(server);
      await until("the server's end", () => server.connections.size === 1);
      expect(set).toEqual([1, 1]);
    } finally {
      restore();
    }
  });

  it("resolves names as the system does", async () => {
    const server = await network.listen({ host: "localhost" });
    const connection = await network.connect({ host: "localhost", port: server.address.port });
    expect(connection.remoteAddress).toEqual(server.address);
  });

  it("asks the given resolver for a name, and nobody for an address", async () => {
    const asked: string[] = [];
    const resolver: Resolver = async (host) => {
      asked.push(host);
      return [{ address: "127.0.0.1", family: 4 }];
    };
    const { port } = (await network.listen()).address;
    await network.connect({ host: "somewhere.example", port, resolver });
    await network.connect({ host: "127.0.0.1", port, resolver });
    expect(asked).toEqual(["somewhere.example"]);
  });

  it("connects over IPv6", async () => {
    const server = await network.listen({ host: "::1" });
    const connection = await network.connect({ host: "::1", port: server.address.port });
    expect(connection.remoteAddress).toEqual({ address: "::1", port: server.address.port, family: 6 });
  });

  it("tries all addresses of a name in turn", async () => {
    const server = await network.listen();
    const resolver: Resolver = async () => [
      { address: "255.255.255.255", family: 4 },
      { address: "::1", family: 6 },
      { address: "127.0.0.1", family: 4 },
      { address: "127.0.0.3", family: 4 },
    ];
    const connection = await network.connect({ host: "many", port: server.address.port, resolver });
    expect(connection.remoteAddress).toEqual(server.address);
    expect(network.openSockets).toBe(3);
  });

  it("fails as the last address does when none answers", async () => {
    const port = network.refusingPort();
    const error = await failure({ host: "many", port, resolver: four("255.255.255.255", "127.0.0.1") });
    expect(error).toMatchObject({ ...ECONNREFUSED, port, message: `connect ECONNREFUSED 127.0.0.1:${port}` });
  });

  it("fails when the peer refuses", async () => {
    const port = network.refusingPort();
    expect(await failure({ port })).toMatchObject({ ...ECONNREFUSED, port });
  });

  it("fails when the peer has reset before anything could be said", async () => {
    const server = await network.listen();
    // The reset comes between the connect's success and the question for the peer's address.
    let reset = false;
    const restore = replaceCalls(({ constants, getOption }) => ({
      remoteAddress() {
        reset = true;
        return -constants.ENOTCONN;
      },
      getOption(handle, level, name, into) {
        const length = getOption(handle, level, name, into);
        // Winsock's numbers take two bytes.
        if (reset && name === constants.SO_ERROR)
          new DataView(into.buffer).setInt32(into.byteOffset, constants.ECONNRESET, true);
        return length;
      },
    }));
    try {
      expect(await failure({ port: server.address.port })).toMatchObject({ code: "ECONNRESET", syscall: "read" });
    } finally {
      restore();
    }
  });

  it("fails with ERR_HOST_UNRESOLVED and the resolver's error as its cause", async () => {
    const cause = new Error("nobody knows it");
    const resolver: Resolver = () => Promise.reject(cause);
    expect(await failure({ host: "nowhere", resolver })).toMatchObject({
      name: "ConnectionError",
      code: "ERR_HOST_UNRESOLVED",
      message: 'host: expected a name that resolves, got "nowhere" (nobody knows it)',
      cause,
    });
  });

  it("fails with ERR_HOST_UNRESOLVED when a name has no address", async () => {
    const error = await failure({ host: "nowhere", resolver: four() });
    expect(error).toMatchObject({
      code: "ERR_HOST_UNRESOLVED",
      message: 'host: expected a name that resolves, got "nowhere" (no address)',
    });
    expect(Object.hasOwn(error as Error, "cause")).toBe(false);
  });

  it("gives up after connectTimeoutMs while the name is being resolved", async () => {
    const failed = failure({ host: "slow", port: 9, resolver: never });
    await turns();
    network.pass(9_999);
    await turns();
    network.pass(1);
    expect(await failed).toMatchObject({
      name: "ConnectionError",
      code: "ERR_CONNECT_TIMEOUT",
      message: "connect: expected slow:9 to answer within 10000 ms, got nothing",
    });
  });

  it("opens no socket when the resolver answers too late", async () => {
    let answer: (addresses: { address: string; family: 4 }[]) => void = () => {};
    const resolver: Resolver = () => new Promise((resolve) => (answer = resolve));
    const failed = failure({ host: "slow", resolver, connectTimeoutMs: 10 });
    await turns();
    network.pass(10);
    expect(await failed).toMatchObject({ code: "ERR_CONNECT_TIMEOUT" });
    answer([{ address: "127.0.0.1", family: 4 }]);
    await turns();
    expect(network.openSockets).toBe(0);
  });

  it("gives up after connectTimeoutMs while a peer does not answer", async () => {
    const failed = failure({ port: network.silentPort(), connectTimeoutMs: 50 });
    await turns();
    network.pass(50);
    expect(await failed).toMatchObject({ code: "ERR_CONNECT_TIMEOUT" });
  });

  it("tries the next address beside one whose queue is full, and closes the one that lost", async () => {
    const silent = network.silentPort();
    const server = await network.listen({ host: "::1", port: silent });
    const before = network.openSockets;
    const connecting = network.connect({ host: "many", port: silent, resolver: bothLoopbacks });
    await turns();
    network.pass(249);
    await turns();
    expect([network.openSockets, server.connections.size]).toEqual([before + 1, 0]);
    network.pass(1);
    const connection = await connecting;
    expect(connection.remoteAddress).toEqual(server.address);
    await until("the server's end", () => server.connections.size === 1);
    expect(network.openSockets).toBe(before + 2);
  });

  it("passes over an address that leads nowhere", async () => {
    const server = await network.listen();
    const resolver = four("192.0.2.1", "127.0.0.1");
    const connecting = network.connect({ host: "many", port: server.address.port, resolver, attemptDelayMs: 10 });
    await turns();
    network.pass(10);
    expect((await connecting).remoteAddress).toEqual(server.address);
    await until("the server's end", () => server.connections.size === 1);
    expect(network.openSockets).toBe(3);
  });

  it("may be aborted while it waits to try the next address", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const resolver = four("127.0.0.1", "127.0.0.1");
    const failed = failure({ host: "many", port: network.silentPort(), resolver, signal });
    await turns();
    network.pass(100);
    await turns();
    controller.abort(new Error("changed my mind"));
    expect(await failed).toEqual(new Error("changed my mind"));
  });

  it("counts all addresses against one deadline", async () => {
    const port = network.silentPort();
    const failed = failure({ host: "many", port, connectTimeoutMs: 50, resolver: four("127.0.0.1", "127.0.0.1") });
    await turns();
    network.pass(50);
    expect(await failed).toMatchObject({ code: "ERR_CONNECT_TIMEOUT" });
  });

  describe("with a signal", () => {
    const reason = new Error("changed my mind");

    it("aborted before: throws its reason and asks nobody", async () => {
      let asked = 0;
      const resolver: Resolver = async () => {
        asked++;
        return [];
      };
      expect(await failure({ host: "name", resolver, signal: AbortSignal.abort(reason) })).toBe(reason);
      expect(asked).toBe(0);
    });

    it.each(["resolving", "connecting"])("aborted while %s: throws its reason", async (phase) => {
      const controller = new AbortController();
      const { signal } = controller;
      const failed = failure(
        phase === "resolving" ? { host: "slow", resolver: never, signal } : { port: network.silentPort(), signal },
      );
      await turns();
      controller.abort(reason);
      expect(await failed).toBe(reason);
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });

    it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
      "aborted %s moments after the answer: counts for as long as it is listened to",
      async (moments) => {
        const controller = new AbortController();
        const { signal } = controller;
        const server = await network.listen();
        const { loop } = network;
        const connectSocket = loop.connect.bind(loop);
        let counts = false;
        loop.connect = (socket, to, handlers) =>
          connectSocket(socket, to, {
            ...handlers,
            async onConnect() {
              handlers.onConnect();
              for (let i = 0; i < moments; i++) await null;
              counts = getEventListeners(signal, "abort").length > 0;
              controller.abort(reason);
            },
          });
        const outcome = await network.connect(server, { signal }).catch((error: unknown) => error);
        expect(outcome === reason).toBe(counts);
        await until("the server's end", () => server.connections.size === (counts ? 0 : 1));
      },
    );

    it("aborted after: the connection goes on, and the signal is forgotten", async () => {
      const controller = new AbortController();
      const connection = await network.connect(await network.listen(), { signal: controller.signal });
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
      controller.abort(reason);
      await turns();
      expect(connection.open).toBe(true);
    });
  });
});

describe("connect refuses at once", () => {
  it.each([
    [{ host: undefined }, "ERR_INVALID_ARG_TYPE", "host: expected a string, got undefined"],
    [{ host: 1 }, "ERR_INVALID_ARG_TYPE", "host: expected a string, got number"],
    [{ port: 0 }, "ERR_OUT_OF_RANGE", "port: expected an integer from 1 to 65535, got 0"],
    [{ port: 65_536 }, "ERR_OUT_OF_RANGE", "port: expected an integer from 1 to 65535, got 65536"],
    [{ port: 80.5 }, "ERR_OUT_OF_RANGE", "port: expected an integer from 1 to 65535, got 80.5"],
    [{ port: "80" }, "ERR_OUT_OF_RANGE", "port: expected an integer from 1 to 65535, got 80"],
    [{ connectTimeoutMs: 0 }, "ERR_OUT_OF_RANGE", "connectTimeoutMs: expected a number from 1 to 2147483647, got 0"],
    [
      { connectTimeoutMs: 2 ** 31 },
      "ERR_OUT_OF_RANGE",
      "connectTimeoutMs: expected a number from 1 to 2147483647, got 2147483648",
    ],
    [{ attemptDelayMs: 9 }, "ERR_OUT_OF_RANGE", "attemptDelayMs: expected a number from 10 to 2147483647, got 9"],
    [
      { handshakeTimeoutMs: 0 },
      "ERR_OUT_OF_RANGE",
      "handshakeTimeoutMs: expected a number from 1 to 2147483647, got 0",
    ],
    [{ upgrade: {} }, "ERR_INVALID_ARG_TYPE", "upgrade: expected a function, got object"],
    [{ resolver: "dns" }, "ERR_INVALID_ARG_TYPE", "resolver: expected a function, got string"],
    [{ frameTimeoutMs: -1 }, "ERR_OUT_OF_RANGE", "frameTimeoutMs: expected a number from 0 to 2147483647, got -1"],
    [{ minFrameRate: 0 }, "ERR_OUT_OF_RANGE", "minFrameRate: expected a number from 1 to 9007199254740991, got 0"],
    [{ writeTimeoutMs: "60" }, "ERR_OUT_OF_RANGE", "writeTimeoutMs: expected a number from 0 to 2147483647, got 60"],
    [
      { maxFramesPerTurn: 0 },
      "ERR_OUT_OF_RANGE",
      "maxFramesPerTurn: expected an integer from 1 to 9007199254740991, got 0",
    ],
    [{ idleTimeoutMs: -1 }, "ERR_OUT_OF_RANGE", "idleTimeoutMs: expected a number from 0 to 2147483647, got -1"],
    [
      { drainTimeoutMs: Number.NaN },
      "ERR_OUT_OF_RANGE",
      "drainTimeoutMs: expected a number from 0 to 2147483647, got NaN",
    ],
    [{ highWaterMark: 0 }, "ERR_OUT_OF_RANGE", "highWaterMark: expected an integer from 1 to 9007199254740991, got 0"],
    [
      { highWaterMark: 10, lowWaterMark: 11 },
      "ERR_OUT_OF_RANGE",
      "lowWaterMark: expected an integer from 0 to 10, got 11",
    ],
    [
      { maxQueuedBytes: 1.5 },
      "ERR_OUT_OF_RANGE",
      "maxQueuedBytes: expected an integer from 1 to 9007199254740991, got 1.5",
    ],
    [{ frame: { lengthField: 5 } }, "ERR_INVALID_ARG_VALUE", 'lengthField: expected 1, 2, 3, 4, 8 or "varint", got 5'],
    [{ frame: { maxLength: "1" } }, "ERR_INVALID_ARG_TYPE", "maxLength: expected a number of bytes, got string"],
  ])("%j", async (wrong, code, message) => {
    let asked = 0;
    const resolver: Resolver = async () => {
      asked++;
      return [];
    };
    const options = { host: "name", port: 9, resolver, ...wrong } as ConnectOptions;
    await expect(connect(options)).rejects.toMatchObject({ code, message });
    expect(asked).toBe(0);
  });
});
