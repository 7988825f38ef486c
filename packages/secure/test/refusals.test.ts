import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Recorder } from "../../connection/test/recorder.js";
import { until } from "../../connection/test/until.js";
import { generateIdentity, type SecureOptions } from "../src/index.js";
import { type SecureConnection, SecureNetwork, type SecureServer, type Stack } from "./secure-network.js";
import { alice, bob, text } from "./sessions.js";

/** One of each suffices: which cipher it is makes no difference to whom it lets in. */
const stacks: readonly Stack[] = [
  { transport: "native", cipher: "libcrypto" },
  { transport: "node", cipher: "node" },
];

describe.each(stacks)("over $transport, sealed by $cipher, a secure server", (stack) => {
  let network: SecureNetwork;
  let accepted: Recorder<SecureConnection>[];
  beforeEach(() => {
    network = new SecureNetwork(stack);
    accepted = [];
  });
  afterEach(() => network.close());

  function serve(
    options: Parameters<SecureNetwork["listen"]>[1] = {},
    security?: Partial<SecureOptions>,
  ): Promise<SecureServer> {
    return network.listen((peer) => void accepted.push(new Recorder(peer).consume()), options, security);
  }

  const told = (): (string | undefined)[] => network.errors.map(({ code }) => code);
  const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

  /** How it ends for a client, whether in the handshake or behind it. */
  async function outcome(connecting: Promise<SecureConnection>, ...messages: Uint8Array[]): Promise<unknown> {
    try {
      const client = new Recorder(await connecting).consume();
      for (const message of messages) if (client.connection.open) client.connection.send(message);
      await client.closed();
      expect(client.messages).toEqual([]);
      return client.code;
    } catch (error) {
      return codeOf(error);
    }
  }

  it("turns a stranger away, of whom no message is heard", async () => {
    const server = await serve();
    const stranger = { identity: generateIdentity() };
    expect(await outcome(network.connect(server, {}, stranger), text("let me in"), text("please"))).toBe("ECONNRESET");
    await until("the refusal", () => network.errors.length === 1);
    expect([told(), accepted]).toEqual([["ERR_PEER_REFUSED"], []]);
    expect(server.stats()).toMatchObject({
      accepted: 0,
      failedHandshakes: 1,
      pendingHandshakes: 0,
      messagesReceived: 0,
    });
  });

  it("hears nothing of a peer that it has not verified yet, and all of it afterwards", async () => {
    let decide: ((accepted: boolean) => void) | null = null;
    const server = await serve({}, { verify: () => new Promise((resolve) => (decide = resolve)) });
    const client = await network.connect(server);
    for (const word of ["one", "two", "three"]) client.send(text(word));
    await client.drained();
    await until("the question", () => decide !== null);
    expect([accepted, server.stats().pendingHandshakes]).toEqual([[], 1]);
    decide!(true);
    await until("the peer", () => accepted.length === 1);
    await accepted[0]!.received(3);
    expect(accepted[0]!.texts).toEqual(["one", "two", "three"]);
  });

  it("is turned down by a client that expects another", async () => {
    const server = await serve();
    expect(await outcome(network.connect(server, {}, { verify: generateIdentity().peerId }))).toBe("ERR_PEER_REFUSED");
    await until("the server to be told", () => network.errors.length === 1);
    expect([told(), accepted]).toEqual([["ERR_HANDSHAKE_CLOSED"], []]);
  });

  it("resets a plain client at its first bytes, and says what they were not", async () => {
    const server = await serve();
    const plain = new Recorder(await network.connectPlain(server)).consume();
    plain.connection.send(text("hello"));
    await plain.closed();
    expect([plain.code, plain.messages]).toEqual(["ECONNRESET", []]);
    await until("the server to be told", () => network.errors.length === 1);
    expect([told(), accepted]).toEqual([["ERR_NOT_NOISE"], []]);
  });

  it("resets a plain client that says nothing when its time is up", async () => {
    const server = await serve({ handshakeTimeoutMs: 50 });
    const plain = new Recorder(await network.connectPlain(server)).consume();
    await plain.closed();
    expect(plain.code).toBe("ECONNRESET");
    await until("the server to be told", () => network.errors.length === 1);
    expect([told(), accepted]).toEqual([["ERR_HANDSHAKE_TIMEOUT"], []]);
  });

  it("resets a client that stops after its first message, by the deadline of either package", async () => {
    const timings = [
      [{ handshakeTimeoutMs: 50 }, {}, "ConnectionError"],
      [{}, { handshakeTimeoutMs: 50 }, "SecureError"],
    ] as const;
    for (const [options, security, name] of timings) {
      network.errors.length = 0;
      const socket = await network.socket(await serve(options, security));
      socket.write(Buffer.concat([Uint8Array.of(0, 32), generateIdentity().publicKey]));
      await until("the server to be told", () => network.errors.length === 1);
      expect(network.errors).toEqual([expect.objectContaining({ name, code: "ERR_HANDSHAKE_TIMEOUT" })]);
    }
    expect(accepted).toEqual([]);
  });

  it("keeps an address away whose handshakes fail too often", async () => {
    const server = await serve({ handshakeFailuresPerAddress: 2, handshakePenaltyMs: 60_000 });
    for (let i = 1; i <= 3; i++) {
      const socket = await network.socket(server);
      socket.write("GET / HTTP/1.1\r\n\r\n");
      await until("the failure", () => network.errors.length === i);
    }
    const code = await outcome(network.connect(server));
    expect(["ECONNRESET", "ERR_HANDSHAKE_CLOSED"]).toContain(code);
    await until("the refusal", () => network.errors.length === 4);
    const strange = "ERR_NOT_NOISE";
    expect(told()).toEqual([strange, strange, strange, "ERR_TOO_MANY_FAILED_HANDSHAKES"]);
  });

  it("lets real clients in beside 1,000 half-open handshakes, and no more of those than it may", async () => {
    const server = await serve({ maxPendingHandshakes: 1_010 });
    const half = Array.from({ length: 1_000 }, () => network.socket(server));
    const hello = Buffer.concat([Uint8Array.of(0, 32), generateIdentity().publicKey]);
    for (const socket of await Promise.all(half)) socket.write(hello);
    await until("all to be half-open", () => server.stats().pendingHandshakes === 1_000);
    const clients = await Promise.all(Array.from({ length: 5 }, () => network.connect(server)));
    for (const client of clients) client.send(text("real"));
    await until(
      "their messages",
      () => accepted.length === 5 && accepted.every(({ messages }) => messages.length === 1),
    );
    expect(clients.map(({ remotePeer }) => remotePeer.peerId)).toEqual(Array(5).fill(bob.peerId));

    const more = Array.from({ length: 20 }, () => network.socket(server));
    for (const socket of await Promise.all(more)) socket.write(hello);
    await until("the cap", () => network.errors.length === 10);
    expect(new Set(told())).toEqual(new Set(["ERR_TOO_MANY_HANDSHAKES"]));
    expect(server.stats()).toMatchObject({ pendingHandshakes: 1_010, connections: 5 });
    clients[0]!.send(text("still here"));
    await until("the message", () => accepted.some(({ texts }) => texts.includes("still here")));
  });
});

describe.each(stacks)("over $transport, sealed by $cipher, a secure client", (stack) => {
  let network: SecureNetwork;
  beforeEach(() => {
    network = new SecureNetwork(stack);
  });
  afterEach(() => network.close());

  it("fails at a plain server, which hears no message of it", async () => {
    const heard: Uint8Array[] = [];
    const closes: unknown[] = [];
    const server = await network.listenPlain((peer) => {
      peer.onMessage = (message) => void heard.push(message);
      peer.onClose = (error) => void closes.push((error as { code?: unknown }).code);
    });
    await expect(network.connect(server)).rejects.toMatchObject({ name: "SecureError", code: "ERR_HANDSHAKE_CLOSED" });
    await until("the server's end", () => closes.length === 1);
    // To a plain server the first message is a frame of 2 MiB or more.
    expect([heard, closes]).toEqual([[], ["ERR_FRAME_TOO_LARGE"]]);
  });

  it("fails at the first bytes of a plain server that speaks first", async () => {
    const server = await network.listenPlain((peer) => {
      peer.onMessage = () => {};
      peer.send(text("welcome"));
    });
    await expect(network.connect(server)).rejects.toMatchObject({ name: "SecureError", code: "ERR_NOT_NOISE" });
  });

  it("fails at a server that stops in the middle when its time is up", async () => {
    const server = await network.listenPlain(() => {}); // Reads nothing.
    const connecting = network.connect(server, { handshakeTimeoutMs: 50 });
    await expect(connecting).rejects.toMatchObject({ name: "ConnectionError", code: "ERR_HANDSHAKE_TIMEOUT" });
    const patient = network.connect(server, {}, { identity: alice, handshakeTimeoutMs: 50 });
    await expect(patient).rejects.toMatchObject({ name: "SecureError", code: "ERR_HANDSHAKE_TIMEOUT" });
  });
});
