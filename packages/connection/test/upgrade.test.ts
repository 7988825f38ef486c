import { getEventListeners } from "node:events";
import { type ByteStream, streamPair } from "@p2pnet/stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MessageConnection, Server, Upgrade, UpgradeContext } from "../src/index.js";
import { bytes } from "./bytes.js";
import { greeting, silence } from "./greeting.js";
import { Network } from "./network.js";
import { nextUncaught } from "./next-uncaught.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { turns, until } from "./until.js";

describe.each(testedBackends())("an upgrade, with %s", (backend) => {
  let network: Network;
  let errors: Error[];
  beforeEach(() => {
    network = new Network(backend);
    errors = [];
  });
  afterEach(() => network.close());

  async function serve(upgrade: Upgrade<string>, peers: MessageConnection<string>[] = []): Promise<Server<string>> {
    const server = await network.listen({ upgrade }, (peer) => {
      peers.push(peer);
      peer.onMessage = (message) => void peer.send(message);
    });
    server.onError = (error) => void errors.push(error);
    return server;
  }

  /** Connecting fails, and leaves nothing open but the server. */
  async function failure(
    server: Server,
    options: { upgrade: Upgrade<string>; signal?: AbortSignal },
  ): Promise<unknown> {
    const error = await network.connect(server, options).then(
      () => expect.unreachable("connected"),
      (reason: unknown) => reason,
    );
    await until("all sockets to be closed", () => network.openSockets === 1);
    return error;
  }

  it("gives both sides another stream, and who the peer is", async () => {
    const seen: UpgradeContext[] = [];
    const peers: MessageConnection<string>[] = [];
    const server = await serve(greeting("s", seen), peers);
    const connection = await network.connect(server, { upgrade: greeting("c", seen) });
    const end = new Recorder(connection).consume();
    connection.send(bytes("hello"));
    await end.received(1);
    expect(end.texts).toEqual(["hello"]);
    expect([connection.remotePeer, peers[0]!.remotePeer]).toEqual(["s", "c"]);
    expect(seen.map(({ role }) => role).sort()).toEqual(["initiator", "responder"]);
    expect(connection.remoteAddress).toEqual(server.address);
    await connection.close();
    await until("the server's end", () => server.connections.size === 0);
    expect(seen.map(({ signal }) => signal.aborted)).toEqual([false, false]);
  });

  it("is no need: without one the peer is null", async () => {
    const connection = await network.connect(await network.listen());
    expect(connection.remotePeer).toBeNull();
  });

  it("that fails on the server closes the socket, and is told at onError, never at onConnection", async () => {
    const peers: MessageConnection<string>[] = [];
    const server = await serve(greeting("s"), peers);
    const raw = network.rawPeer(server);
    raw.stream.resume();
    raw.stream.write(bytes("?"));
    await until("the end or a reset", () => raw.ends > 0 || raw.error !== undefined);
    await until("the error to be told", () => errors.length === 1);
    expect([errors, peers]).toEqual([[new Error("not welcome")], []]);
    expect(server.stats()).toMatchObject({ failedHandshakes: 1, accepted: 0, pendingHandshakes: 0 });
    const connection = await network.connect(server, { upgrade: greeting("c") });
    expect(connection.remotePeer).toBe("s");
  });

  it.each<[string, () => Promise<never>]>([
    [
      "throws",
      () => {
        throw new Error("at once");
      },
    ],
    ["rejects with no error", () => Promise.reject("at once")],
  ])("that %s fails", async (_, upgrade) => {
    const server = await serve(upgrade);
    const raw = network.rawPeer(server);
    raw.stream.resume();
    await until("the end or a reset", () => raw.ends > 0 || raw.error !== undefined);
    await until("the error to be told", () => errors.length === 1);
    expect(errors).toEqual([new Error("at once")]);
  });

  it("that gives no stream fails", async () => {
    const server = await serve(() => Promise.resolve({ peer: "x" } as never));
    const raw = network.rawPeer(server);
    raw.stream.resume();
    await until("the end or a reset", () => raw.ends > 0 || raw.error !== undefined);
    await until("the error to be told", () => errors.length === 1);
    expect([errors[0], server.connections.size]).toEqual([expect.any(TypeError), 0]);
  });

  it("that takes too long on the server is reset", async () => {
    const seen: UpgradeContext[] = [];
    const server = await serve(greeting("s", seen));
    const raw = network.rawPeer(server);
    raw.stream.resume();
    await until("a handshake", () => server.stats().pendingHandshakes === 1);
    network.pass(9_999);
    await turns();
    expect(errors).toEqual([]);
    network.pass(1);
    await raw.failed();
    expect(errors).toEqual([
      expect.objectContaining({
        name: "ConnectionError",
        code: "ERR_HANDSHAKE_TIMEOUT",
        message: "upgrade: expected to be done within 10000 ms, got nothing",
      }),
    ]);
    expect([seen[0]!.signal.reason, raw.error?.code]).toEqual([errors[0], "ECONNRESET"]);
  });

  it("that takes too long on the client fails connect, whatever connectTimeoutMs is", async () => {
    const server = await serve(silence);
    const options = { upgrade: silence, connectTimeoutMs: 5, handshakeTimeoutMs: 1_000 };
    const failed = failure(server, options);
    await until("a handshake", () => server.stats().pendingHandshakes === 1);
    network.pass(999);
    await turns();
    network.pass(1);
    expect(await failed).toMatchObject({ code: "ERR_HANDSHAKE_TIMEOUT" });
  });

  it("that fails on the client fails connect with its error", async () => {
    const server = await serve(greeting("?"));
    expect(await failure(server, { upgrade: greeting("c") })).toEqual(new Error("not welcome"));
  });

  it("is given up at the signal of connect, and told so", async () => {
    const server = await serve(silence);
    const seen: UpgradeContext[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("changed my mind");
    const failed = failure(server, { upgrade: greeting("c", seen), signal });
    await until("the handshake", () => seen.length === 1);
    controller.abort(reason);
    for (const error of [await failed, seen[0]!.signal.reason]) expect(error).toBe(reason);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("that is done after it was given up is thrown away", async () => {
    let finish: (stream: ByteStream) => void = () => {};
    const [ours, theirs] = streamPair();
    const server = await serve(
      () => new Promise((resolve) => (finish = (stream) => resolve({ stream, peer: "late" }))),
    );
    const raw = network.rawPeer(server);
    raw.stream.resume();
    await until("a handshake", () => server.stats().pendingHandshakes === 1);
    network.pass(10_000);
    await raw.failed();
    const reset = new Promise<Error>((resolve) => {
      theirs.start({ onData: () => {}, onEnd: () => {}, onDrain: () => {}, onError: resolve });
      theirs.resume();
    });
    finish(ours);
    expect(await reset).toMatchObject({ code: "ECONNRESET" });
    expect(server.connections.size).toBe(0);
  });

  it("is given up when the server closes, and nobody is told", async () => {
    const seen: UpgradeContext[] = [];
    const server = await serve(greeting("s", seen));
    const raw = network.rawPeer(server);
    raw.stream.resume();
    await until("a handshake", () => server.stats().pendingHandshakes === 1);
    expect(await server.close()).toEqual({ cut: 0 });
    await raw.failed();
    expect([errors, seen[0]!.signal.reason]).toEqual([[], expect.objectContaining({ code: "ERR_CONNECTION_CLOSED" })]);
    expect(server.stats()).toMatchObject({ pendingHandshakes: 0, failedHandshakes: 0 });
  });

  it("goes on beside onConnection that throws: an uncaught exception", async () => {
    const thrown = nextUncaught();
    const server = await network.listen({ upgrade: greeting("s") }, () => {
      throw new Error("in onConnection");
    });
    const connection = await network.connect(server, { upgrade: greeting("c") });
    const end = new Recorder(connection).consume();
    await end.closed();
    expect([await thrown, end.code]).toEqual([new Error("in onConnection"), "ECONNRESET"]);
    expect(server.connections.size).toBe(0);
  });
});
