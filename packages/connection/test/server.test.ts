import { getEventListeners } from "node:events";
import { encodeFrame } from "@p2pnet/framing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionHandler, Resolver, Server } from "../src/index.js";
import { bytes, pattern } from "./bytes.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { turns, until } from "./until.js";

const echo: ConnectionHandler = (peer) => {
  peer.onMessage = (message) => void peer.send(message);
};

describe.each(testedBackends())("a server with %s", (backend) => {
  let network: Network;
  beforeEach(() => {
    network = new Network(backend);
  });
  afterEach(() => network.close());

  /** A client that has heard its echo. */
  async function client(server: Server): Promise<Recorder> {
    const recorder = new Recorder(await network.connect(server)).consume();
    recorder.connection.send(bytes("hello"));
    await recorder.received(1);
    return recorder;
  }

  it("says where it listens", async () => {
    const { address } = await network.listen({ host: "127.0.0.1", port: 0 }, echo);
    expect(address).toEqual({ address: "127.0.0.1", port: expect.any(Number), family: 4 });
    expect(address.port).toBeGreaterThan(0);
  });

  it("listens on this machine only, by default", async () => {
    expect((await network.listen()).address.address).toBe("127.0.0.1");
  });

  it("listens over IPv6", async () => {
    const server = await network.listen({ host: "::1" }, echo);
    expect(server.address).toMatchObject({ address: "::1", family: 6 });
    expect((await client(server)).texts).toEqual(["hello"]);
  });

  it("listens on the address that a name stands for", async () => {
    const resolver: Resolver = async (host) => (host === "me" ? [{ address: "::1", family: 6 }] : []);
    expect((await network.listen({ host: "me", resolver })).address.address).toBe("::1");
    await expect(network.listen({ host: "you", resolver })).rejects.toMatchObject({ code: "ERR_HOST_UNRESOLVED" });
  });

  it("serves many at once, and knows whom", async () => {
    const server = await network.listen({}, echo);
    const clients = await Promise.all(Array.from({ length: 20 }, () => client(server)));
    expect(server.connections.size).toBe(20);
    await Promise.all(clients.map(({ connection }) => connection.close()));
    await until("all connections to be gone", () => server.connections.size === 0);
  });

  it("counts how its connections have ended, by error code", async () => {
    const server = await network.listen({}, echo);
    await (await client(server)).connection.close();
    (await client(server)).connection.abort();
    await until("a reset", () => server.connections.size === 0);
    await client(server);
    [...server.connections][0]!.abort(new TypeError("no code"));
    expect(server.stats()).toMatchObject({ accepted: 3, ended: { none: 1, ECONNRESET: 1, TypeError: 1 } });
  });

  it("has let go of a connection when its onClose is called", async () => {
    const sizes: number[] = [];
    const server = await network.listen({}, (peer) => {
      echo(peer);
      peer.onClose = () => sizes.push(server.connections.size);
    });
    const [one, two] = [await client(server), await client(server)];
    await one.connection.close();
    await until("the first to be gone", () => sizes.length === 1);
    two.connection.abort();
    await until("the second to be gone", () => sizes.length === 2);
    expect(sizes).toEqual([1, 0]);
  });

  it("gives its connections the options that it was given", async () => {
    const server = await network.listen({ frame: { lengthField: 1 }, idleTimeoutMs: 100 }, echo);
    const connection = await network.connect(server, { frame: { lengthField: 1 } });
    const end = new Recorder(connection).consume();
    connection.send(bytes("hello"));
    await end.received(1);
    network.pass(100);
    await end.closed();
    expect(end.code).toBe("ECONNRESET");
  });

  it("turns away whom it has no room for, and tells; the others live on", async () => {
    const server = await network.listen({ maxConnections: 2 }, echo);
    const errors: Error[] = [];
    server.onError = (error) => void errors.push(error);
    const one = await client(server);
    const two = await client(server);

    const third = network.rawPeer(server);
    third.stream.resume();
    await third.failed();
    expect(third.error?.code).toBe("ECONNRESET");
    await until("the error to be told", () => errors.length === 1);
    expect(errors).toEqual([
      expect.objectContaining({
        name: "ConnectionError",
        code: "ERR_TOO_MANY_CONNECTIONS",
        message: "server: expected at most 2 connections, got one more",
      }),
    ]);

    one.connection.send(bytes("still here"));
    await one.received(2);
    await two.connection.close();
    await until("room", () => server.connections.size === 1);
    expect((await client(server)).texts).toEqual(["hello"]);
  });

  it("turns away whom it has no room for, although nobody asks", async () => {
    const server = await network.listen({ maxConnections: 1 }, echo);
    const one = await client(server);
    const second = network.rawPeer(server);
    second.stream.resume();
    await second.failed();
    expect([one.connection.open, server.connections.size]).toEqual([true, 1]);
  });

  it("closes the connection of a peer that sends no frames, and nobody else notices", async () => {
    const codes: (string | undefined)[] = [];
    const server = await network.listen({}, (peer) => {
      echo(peer);
      peer.onClose = (error) => codes.push((error as NodeJS.ErrnoException | undefined)?.code);
    });
    const others = await Promise.all([client(server), client(server), client(server)]);
    for (const header of [Uint8Array.of(0, 0, 0, 0), Uint8Array.of(0, 0x10, 0, 1)]) {
      const broken = network.rawPeer(server);
      broken.stream.resume();
      broken.stream.write(header);
      await broken.failed();
    }
    const cut = network.rawPeer(server);
    cut.stream.write(encodeFrame(bytes("hello")).subarray(0, 6));
    cut.stream.end();
    await until("three ends", () => codes.length === 3);
    expect(codes).toEqual(["ERR_FRAME_EMPTY", "ERR_FRAME_TOO_LARGE", "ERR_FRAME_TRUNCATED"]);

    for (const other of others) other.connection.send(bytes("still here"));
    await Promise.all(others.map((other) => other.received(2)));
    expect(server.connections.size).toBe(3);
  });

  it("reports what onConnection throws, resets that peer, and goes on", async () => {
    let calls = 0;
    const server = await network.listen({}, (peer) => {
      echo(peer);
      if (++calls === 1) throw new Error("in onConnection");
    });
    const first = network.rawPeer(server);
    first.stream.resume();
    await first.failed();
    expect(network.uncaught.splice(0)).toEqual([new Error("in onConnection")]);
    expect(server.connections.size).toBe(0);
    expect((await client(server)).texts).toEqual(["hello"]);
  });

  it("reports what onError throws, and goes on", async () => {
    const server = await network.listen({ maxConnections: 1 }, echo);
    server.onError = () => {
      throw new Error("in onError");
    };
    const one = await client(server);
    const second = network.rawPeer(server);
    second.stream.resume();
    await second.failed();
    await until("the report", () => network.uncaught.length === 1);
    expect(network.uncaught.splice(0)).toEqual([new Error("in onError")]);
    await one.connection.close();
    await until("room", () => server.connections.size === 0);
    expect((await client(server)).texts).toEqual(["hello"]);
  });

  it("closes gracefully: everybody gets what was sent, and nobody new gets in", async () => {
    const server = await network.listen({ maxQueuedBytes: 4_000_000 }, (peer) => {
      peer.onMessage = () => {
        for (let i = 0; i < 10; i++) peer.send(pattern(200_000));
      };
    });
    const clients = await Promise.all(
      Array.from({ length: 3 }, async () => new Recorder(await network.connect(server)).consume()),
    );
    for (const { connection } of clients) connection.send(bytes("go"));
    await Promise.all(clients.map((one) => one.received(1)));
    expect(await server.close()).toEqual({ cut: 0 });
    await Promise.all(clients.map((one) => one.closed()));
    expect(clients.map((one) => [one.length, one.code])).toEqual(Array(3).fill([2_000_000, "none"]));
    expect(server.connections.size).toBe(0);
    await expect(network.connect(server)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("resets who has not finished by the deadline, and says how many", async () => {
    const codes: (string | undefined)[] = [];
    const server = await network.listen({ drainTimeoutMs: 10 }, (peer) => {
      echo(peer);
      peer.onClose = (error) => codes.push((error as NodeJS.ErrnoException | undefined)?.code);
    });
    await client(server);
    const stuck = [network.rawPeer(server), network.rawPeer(server)];
    await until("all to be there", () => server.connections.size === 3);
    const closed = server.close({ deadlineMs: 1_000 });
    await until("the kind one to be gone", () => codes.length === 1);
    network.pass(999);
    await turns();
    expect(codes).toEqual([undefined]);
    network.pass(1);
    expect(await closed).toEqual({ cut: 2 });
    expect(codes).toEqual([undefined, "ERR_DRAIN_TIMEOUT", "ERR_DRAIN_TIMEOUT"]);
    for (const peer of stuck) {
      peer.stream.resume();
      await until("the end or a reset", () => peer.ends > 0 || peer.error !== undefined);
    }
  });

  it.each([
    ["before", new Error("at once")],
    ["while it closes", new Error("at once")],
    ["for no reason that is an error", "at once"],
  ])("resets at a signal who has not finished, aborted %s", async (when, reason) => {
    const codes: unknown[] = [];
    const server = await network.listen({}, (peer) => {
      peer.onClose = (error) => codes.push(error === reason ? "the reason" : (error as NodeJS.ErrnoException).code);
    });
    const stuck = network.rawPeer(server);
    await until("it to be there", () => server.connections.size === 1);
    const controller = new AbortController();
    if (when === "before") controller.abort(reason);
    const closed = server.close({ signal: controller.signal });
    await turns(3);
    controller.abort(reason);
    expect(await closed).toEqual({ cut: 1 });
    expect(codes).toEqual([reason instanceof Error ? "the reason" : "ERR_CONNECTION_CLOSED"]);
    expect(server.stats().cut).toBe(1);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    stuck.stream.resume();
    await until("the end or a reset", () => stuck.ends > 0 || stuck.error !== undefined);
  });

  it("forgets the signal of a close that is done", async () => {
    const { signal } = new AbortController();
    const server = await network.listen({}, echo);
    await client(server);
    expect(await server.close({ signal })).toEqual({ cut: 0 });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("waits for connections that were closing already", async () => {
    const server = await network.listen({}, echo);
    const stuck = network.rawPeer(server);
    await until("it to be there", () => server.connections.size === 1);
    for (const peer of server.connections) void peer.close();
    const closed = server.close({ deadlineMs: 100 });
    stuck.stream.end();
    expect(await closed).toEqual({ cut: 0 });
  });

  it("may be closed twice, and disposed of", async () => {
    const server = await network.listen({}, echo);
    await client(server);
    const [first, second] = [server.close(), server.close({ deadlineMs: 10 })];
    expect(await Promise.all([first, second])).toEqual([{ cut: 0 }, { cut: 0 }]);
    await server[Symbol.asyncDispose]();
    expect(await server.close()).toEqual({ cut: 0 });
  });

  it("refuses a deadline out of range", async () => {
    const server = await network.listen({}, echo);
    await expect(server.close({ deadlineMs: -1 })).rejects.toMatchObject({
      code: "ERR_OUT_OF_RANGE",
      message: "deadlineMs: expected a number from 0 to 2147483647, got -1",
    });
    expect((await client(server)).texts).toEqual(["hello"]);
  });
});
