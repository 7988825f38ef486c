import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ConnectionHandler,
  type ConnectSettings,
  connect,
  type ListenOptions,
  listen,
  type MessageConnection,
  type Resolver,
  type Server,
  type TcpTarget,
  type TransportName,
  type UnixTarget,
} from "../src/index.js";
import { bytes, pattern, same } from "./bytes.js";
import { greeting } from "./greeting.js";
import { nextUncaught } from "./next-uncaught.js";
import { Recorder } from "./recorder.js";
import { until } from "./until.js";

const echo: ConnectionHandler = (peer) => {
  peer.onMessage = (message) => void peer.send(message);
};
const never: Resolver = () => new Promise(() => {});

/** What users rely on whatever carries their messages, on the thread's default loop or on Node's own. */
describe.each(["native", "node"] as const)("transport %s", (transport: TransportName) => {
  const servers: Server[] = [];
  const connections: MessageConnection[] = [];
  let peers: Recorder[];
  beforeEach(() => {
    peers = [];
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.abort();
    await Promise.all(servers.splice(0).map((server) => server.close({ deadlineMs: 1_000 })));
  });

  async function serve(options: ListenOptions = {}): Promise<Server> {
    const server = await listen({ transport, ...options }, (peer) => {
      peers.push(new Recorder(peer));
      echo(peer);
    });
    servers.push(server);
    return server;
  }

  async function client(to: TcpTarget | UnixTarget, options: ConnectSettings = {}): Promise<Recorder> {
    const connection = await connect({ transport, ...to, ...options });
    connections.push(connection);
    return new Recorder(connection).consume();
  }

  const at = (server: Server): TcpTarget => ({ host: "127.0.0.1", port: server.address.port });

  async function expectEcho(recorder: Recorder, message = bytes("hello")): Promise<void> {
    const count = recorder.messages.length + 1;
    recorder.connection.send(message);
    await recorder.received(count);
    expect(same(recorder.messages.at(-1)!, message)).toBe(true);
  }

  /** How a connection ends that the server wants no more, whether or not connecting is done by then. */
  async function ending(to: TcpTarget): Promise<string | undefined> {
    try {
      const recorder = await client(to);
      await recorder.closed();
      return recorder.code;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  }

  const failure = (options: Partial<TcpTarget> & ConnectSettings): Promise<unknown> =>
    connect({ transport, host: "127.0.0.1", port: 9, ...options }).then(
      () => expect.unreachable("connected"),
      (error: unknown) => error,
    );

  it("says what it is", async () => {
    const server = await serve();
    const { connection } = await client(at(server));
    expect([server.transport, connection.transport]).toEqual([transport, transport]);
  });

  it("carries messages both ways, and the end", async () => {
    const one = await client(at(await serve()));
    for (const size of [1, 100, 20_000, 1_048_576]) await expectEcho(one, pattern(size, size));
    await one.connection.close();
    await until("the server's end", () => peers[0]?.code === "none");
    expect(one.code).toBe("none");
  });

  it("knows both ends' addresses", async () => {
    const server = await serve();
    expect(server.address).toEqual({ address: "127.0.0.1", port: expect.any(Number), family: 4 });
    const one = await client(at(server));
    await expectEcho(one);
    expect(one.connection.remoteAddress).toEqual(server.address);
    expect(peers[0]!.connection.localAddress).toEqual(server.address);
    expect(one.connection.localAddress).toEqual(peers[0]!.connection.remoteAddress);
  });

  it("listens over IPv6", async () => {
    const server = await serve({ host: "::1" });
    const one = await client({ host: "::1", port: server.address.port });
    await expectEcho(one);
    expect(one.connection.remoteAddress).toEqual({ address: "::1", port: server.address.port, family: 6 });
  });

  it("takes IPv4 peers at :: with ipv6Only: false, and else none", async () => {
    const both = await serve({ host: "::", ipv6Only: false });
    await expectEcho(await client(at(both)));
    await expectEcho(await client({ host: "::1", port: both.address.port }));
    expect(peers[0]!.connection.remoteAddress).toMatchObject({ family: 6, address: "::ffff:127.0.0.1" });

    const six = await serve({ host: "::" });
    await expectEcho(await client({ host: "::1", port: six.address.port }));
    expect(await failure(at(six))).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("serves nobody else while a port is taken", async () => {
    const { address } = await serve();
    await expect(serve({ port: address.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: expect.stringContaining("EADDRINUSE"),
    });
  });

  it("shares a port with reusePort, where the system and Node can", async () => {
    const first = await serve({ reusePort: true }).catch((error: unknown) => error as NodeJS.ErrnoException);
    if (first instanceof Error) {
      // Node lacks the option, or the system does.
      const { code, message } = first;
      expect(`${code}: ${message}`).toMatch(/^(ERR_INVALID_ARG_VALUE: reusePort: expected|ENOTSUP: listen ENOTSUP)/);
      return;
    }
    const { port } = first.address;
    expect((await serve({ reusePort: true, port })).address.port).toBe(port);
    await expect(serve({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expectEcho(await client(at(first)));
  });

  it("is refused in Node's words", async () => {
    const server = await serve();
    await server.close();
    const { port } = server.address;
    expect(await failure({ port })).toMatchObject({
      code: "ECONNREFUSED",
      syscall: "connect",
      address: "127.0.0.1",
      port,
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it("tries all addresses of a name", async () => {
    const server = await serve();
    const resolver: Resolver = async () => [
      { address: "::1", family: 6 },
      { address: "127.0.0.1", family: 4 },
    ];
    await expectEcho(await client({ host: "many", port: server.address.port }, { resolver }));
  });

  it("tries the next address beside one that does not answer", async () => {
    const server = await serve();
    // The first is of a network for documentation: nobody answers there, or nothing leads there.
    const resolver: Resolver = async () => ["192.0.2.1", "127.0.0.1"].map((address) => ({ address, family: 4 }));
    await expectEcho(await client({ host: "many", port: server.address.port }, { resolver, attemptDelayMs: 10 }));
  });

  it("runs an upgrade on both sides, in time", async () => {
    const server = await listen({ transport, upgrade: greeting("s"), handshakeTimeoutMs: 100 }, echo);
    servers.push(server);
    const errors: unknown[] = [];
    server.onError = (error) => errors.push(error);
    const connection = await connect({ transport, ...at(server), upgrade: greeting("c") });
    connections.push(connection);
    await expectEcho(new Recorder(connection).consume());
    expect(connection.remotePeer).toBe("s");

    const plain = await client(at(server));
    await plain.closed();
    expect(plain.code).toBe("ECONNRESET");
    expect(errors).toEqual([expect.objectContaining({ code: "ERR_HANDSHAKE_TIMEOUT" })]);
    expect(server.stats()).toMatchObject({ accepted: 1, failedHandshakes: 1 });
  });

  it("counts connections by their address", async () => {
    const server = await serve({ maxConnectionsPerAddress: 1 });
    const errors: unknown[] = [];
    server.onError = (error) => errors.push(error);
    await expectEcho(await client(at(server)));
    expect(await ending(at(server))).toBe("ECONNRESET");
    expect(errors).toEqual([expect.objectContaining({ code: "ERR_TOO_MANY_FROM_ADDRESS" })]);
  });

  it("ends one way, and goes on the other", async () => {
    const server = await listen({ transport, allowHalfOpen: true }, (peer) => {
      peers.push(new Recorder(peer).consume());
      peer.onEnd = () => {
        peer.send(bytes(`${peers[0]!.messages.length} messages`));
        peer.end();
      };
    });
    servers.push(server);
    const one = await client(at(server));
    for (let i = 0; i < 3; i++) one.connection.send(bytes("count me"));
    one.connection.end();
    await one.closed();
    expect([one.texts, one.code]).toEqual([["3 messages"], "none"]);
  });

  it("gives up after connectTimeoutMs", async () => {
    expect(await failure({ host: "slow", resolver: never, connectTimeoutMs: 5 })).toMatchObject({
      code: "ERR_CONNECT_TIMEOUT",
      message: "connect: expected slow:9 to answer within 5 ms, got nothing",
    });
  });

  it("gives up at a signal", async () => {
    const reason = new Error("changed my mind");
    const server = await serve();
    const controller = new AbortController();
    const failed = failure({ ...at(server), signal: controller.signal });
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await failure({ signal: AbortSignal.abort(reason) })).toBe(reason);
    await expect(serve({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await until("the server's end", () => server.connections.size === 0);
  });

  it("leaves no connection behind that it gave up", async () => {
    const reason = new Error("changed my mind");
    const server = await serve();
    const controller = new AbortController();
    const failed = failure({ ...at(server), signal: controller.signal });
    // By then it has asked, and cannot have got an answer.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    controller.abort(reason);
    expect(await failed).toBe(reason);
    await expectEcho(await client(at(server)));
    await until("the end of the other", () => server.connections.size === 1);
  });

  it("does not listen when the signal comes in the meantime", async () => {
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const listening = serve({ signal: controller.signal });
    controller.abort(reason);
    await expect(listening).rejects.toBe(reason);
  });

  it("resets at abort, and when there is no room", async () => {
    const server = await serve({ maxConnections: 1 });
    const errors: unknown[] = [];
    server.onError = (error) => errors.push(error);
    const one = await client(at(server));
    await expectEcho(one);
    expect(await ending(at(server))).toBe("ECONNRESET");
    expect(errors).toEqual([expect.objectContaining({ code: "ERR_TOO_MANY_CONNECTIONS" })]);
    one.connection.abort();
    await peers[0]!.closed();
    expect(peers[0]!.code).toBe("ECONNRESET");
  });

  it("keeps its deadlines", async () => {
    const server = await serve();
    const one = await client(at(server), { idleTimeoutMs: 5 });
    await one.closed();
    expect(one.code).toBe("ERR_IDLE_TIMEOUT");
  });

  it("says how many connections a deadline has cut", async () => {
    const server = await serve();
    const stuck = await client(at(server), { allowHalfOpen: true });
    await expectEcho(stuck);
    expect(await server.close({ deadlineMs: 5 })).toEqual({ cut: 1 });
    expect(peers[0]!.code).toBe("ERR_DRAIN_TIMEOUT");
  });

  it("goes on beside a connection whose handler throws in onConnection", async () => {
    const thrown = nextUncaught();
    const server = await listen({ transport }, () => {
      throw new Error("in onConnection");
    });
    servers.push(server);
    expect([await ending(at(server)), await thrown]).toEqual(["ECONNRESET", new Error("in onConnection")]);
  });
});
