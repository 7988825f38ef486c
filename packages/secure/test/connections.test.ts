import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pattern, same } from "../../connection/test/bytes.js";
import { Recorder } from "../../connection/test/recorder.js";
import { until } from "../../connection/test/until.js";
import { type SecureConnection, SecureNetwork, type SecureServer, STACKS } from "./secure-network.js";
import { alice, bob, text } from "./sessions.js";

/** What a user of both packages relies on, whatever carries the messages and seals them. */
describe.each(STACKS)("connections over $transport, sealed by $cipher", (stack) => {
  let network: SecureNetwork;
  let accepted: Recorder<SecureConnection>[];
  beforeEach(() => {
    network = new SecureNetwork(stack);
    accepted = [];
  });
  afterEach(() => network.close());

  /** A server that keeps what each peer tells, and what else `serve` does. */
  function listen(
    serve: (peer: SecureConnection, recorder: Recorder<SecureConnection>) => void,
    options: Parameters<SecureNetwork["listen"]>[1] = {},
  ): Promise<SecureServer> {
    return network.listen((peer) => {
      const recorder = new Recorder(peer);
      accepted.push(recorder);
      serve(peer, recorder);
    }, options);
  }

  const echo = (peer: SecureConnection, recorder: Recorder<SecureConnection>): void =>
    void recorder.consume((message) => void peer.send(message));

  it("carry messages both ways, from a byte to a MiB, and the end", async () => {
    const one = new Recorder(await network.connect(await listen(echo))).consume();
    const sizes = [1, 25, 16_383, 32_768, 65_515, 65_519, 65_520, 65_536, 131_072, 1_048_576];
    for (const size of sizes) {
      one.messages.length = 0;
      one.connection.send(pattern(size, size));
      await one.received(1);
      expect(same(one.messages[0]!, pattern(size, size)), `${size} bytes`).toBe(true);
    }
    await one.connection.close();
    await until("the server's end", () => accepted[0]?.code === "none");
    expect([one.code, network.errors]).toEqual(["none", []]);
  });

  it("know who the other is, and share a hash that binds to this session", async () => {
    const server = await listen(echo);
    const [one, two] = [await network.connect(server), await network.connect(server)];
    await until("both peers", () => accepted.length === 2);
    expect(one.remotePeer).toMatchObject({ peerId: bob.peerId, fingerprint: bob.fingerprint, additions: true });
    const peers = accepted.map(({ connection }) => connection.remotePeer);
    expect(peers.map(({ peerId }) => peerId)).toEqual([alice.peerId, alice.peerId]);
    const hashes = [one, two].map(({ remotePeer }) => Buffer.from(remotePeer.handshakeHash).toString("hex"));
    expect(peers.map(({ handshakeHash }) => Buffer.from(handshakeHash).toString("hex")).sort()).toEqual(hashes.sort());
    expect(new Set(hashes).size).toBe(2);
  });

  it("end one way and go on the other", async () => {
    const server = await listen(
      (peer, recorder) => {
        peer.onEnd = () => {
          peer.send(text(`${recorder.messages.length} heard`));
          peer.end();
        };
        recorder.consume();
      },
      { allowHalfOpen: true },
    );
    const one = new Recorder(await network.connect(server)).consume();
    one.connection.send(text("last words"));
    one.connection.end();
    await one.closed();
    expect([one.texts, one.code]).toEqual([["1 heard"], "none"]);
  });

  it("are reset by abort, and the other side is told", async () => {
    const one = await network.connect(await listen((_, recorder) => void recorder.consume()));
    await until("the peer", () => accepted.length === 1);
    one.abort();
    await accepted[0]!.closed();
    expect(accepted[0]!.code).toBe("ECONNRESET");
  });

  it("lose nothing of what was sent before close", async () => {
    const server = await listen((peer) => {
      for (let i = 0; i < 20; i++) peer.send(pattern(40_000 + i, i));
      void peer.close();
    });
    const one = new Recorder(await network.connect(server)).consume();
    await one.closed();
    expect(one.messages.map((message, i) => same(message, pattern(40_000 + i, i)))).toEqual(Array(20).fill(true));
    expect(one.code).toBe("none");
  });

  it("keep a writer back while the reader is slow, and mix up no memory of theirs", async () => {
    // Two sessions, whose blocks come from one pool, and messages as long as are lent to the stream.
    const pushed = [0, 0];
    const server = await listen((peer) => {
      const writer = accepted.length - 1;
      const push = (): void => {
        while (pushed[writer]! < 300 && peer.send(pattern(50_000, pushed[writer]!++)));
      };
      peer.onDrain = push;
      push();
    });
    const readers = await Promise.all([0, 1].map(async () => new Recorder(await network.connect(server)).consume()));
    for (const { connection } of readers) connection.pause();
    let before: number[] = [];
    let calm = 0;
    await until("both writers to be kept back", () => {
      calm = before.every((count, i) => count === pushed[i]) && accepted.length === 2 ? calm + 1 : 0;
      before = [...pushed];
      return calm > 50;
    });
    for (const count of pushed) expect(count, "messages to a reader that reads nothing").toBeLessThan(300);
    for (const { connection } of accepted) expect(connection.stats().queuedBytes).toBeLessThan(65_536 + 50_004);
    for (const { connection } of readers) connection.resume();
    await Promise.all(readers.map((reader) => reader.received(300)));
    for (const { messages } of readers) {
      expect(messages.findIndex((message, i) => !same(message, pattern(50_000, i)))).toBe(-1);
    }
  });

  it("end with a peer that is too slow: by what waits for it, and by the time that nothing was taken", async () => {
    const server = await listen(
      (peer) => {
        for (let i = 0; i < 60 && peer.open; i++) peer.send(new Uint8Array(1_000_000));
      },
      { maxQueuedBytes: 4_194_304 },
    );
    const slow = await network.connect(server);
    slow.pause();
    await until("its end", () => accepted[0]?.code !== undefined);
    expect(accepted[0]!.code).toBe("ERR_SLOW_PEER");

    const patient = await listen(
      (peer) => {
        for (let i = 0; i < 30; i++) peer.send(new Uint8Array(1_000_000));
      },
      { writeTimeoutMs: 50, maxQueuedBytes: 40_000_000 },
    );
    const stuck = await network.connect(patient);
    stuck.pause();
    await until("its end", () => accepted[1]?.code !== undefined);
    expect(accepted[1]!.code).toBe("ERR_WRITE_TIMEOUT");
  });
});
