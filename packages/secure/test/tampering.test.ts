import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Recorder } from "../../connection/test/recorder.js";
import { until } from "../../connection/test/until.js";
import { type SecureConnection, SecureNetwork, type SecureServer, type Stack } from "./secure-network.js";
import { text } from "./sessions.js";

const stacks: readonly Stack[] = [
  { transport: "native", cipher: "libcrypto" },
  { transport: "node", cipher: "node" },
];

/** Who sends the bytes that are flipped. */
type Sender = "client" | "server";

/** Passes connections on to `port`, and flips a bit of the byte at an offset of what one side sends. */
class Flipper {
  /** Bytes that each side has sent. */
  readonly passed: Record<Sender, number> = { client: 0, server: 0 };
  #flips: { sender: Sender; at: number } | null = null;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect({ host: "127.0.0.1", port });
      this.#carry("client", client, server);
      this.#carry("server", server, client);
    });
  }

  /** The port to connect to. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** From here on: the byte of that sender which comes after so many more. */
  flip(sender: Sender, after: number): void {
    this.#flips = { sender, at: this.passed[sender] + after };
  }

  /** For the next connection. */
  reset(): void {
    this.#flips = null;
    Object.assign(this.passed, { client: 0, server: 0 });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #carry(sender: Sender, from: Socket, to: Socket): void {
    this.#sockets.push(from);
    from.on("data", (chunk) => {
      const at = this.#flips?.sender === sender ? this.#flips.at - this.passed[sender] : -1;
      this.passed[sender] += chunk.length;
      if (at >= 0 && at < chunk.length) chunk[at]! ^= 0x04;
      to.write(chunk);
    });
    from.on("end", () => to.end());
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

describe.each(stacks)("over $transport, sealed by $cipher, behind somebody who flips a bit", (stack) => {
  let network: SecureNetwork;
  let accepted: Recorder<SecureConnection>[];
  let flipper: Flipper;
  let between: Pick<SecureServer, "address">;
  beforeEach(async () => {
    network = new SecureNetwork(stack);
    accepted = [];
    const server = await network.listen((peer) => void accepted.push(new Recorder(peer).consume()));
    flipper = new Flipper(server.address.port);
    between = { address: { ...server.address, port: await flipper.listen() } };
  });
  afterEach(async () => {
    flipper.close();
    await network.close();
  });

  /** A session through the flipper that has carried a message each way. */
  async function start(): Promise<Record<Sender, Recorder<SecureConnection>>> {
    flipper.reset();
    accepted.length = 0;
    const client = new Recorder(await network.connect(between)).consume();
    await until("the peer", () => accepted.length === 1);
    const [server] = accepted;
    client.connection.send(text("hello"));
    server!.connection.send(text("hello"));
    await Promise.all([client.received(1), server!.received(1)]);
    return { client, server: server! };
  }

  // A message of 4 bytes and its header, sealed: 2 bytes of length, 8 of ciphertext, 16 of tag.
  const SEALED = 2 + 4 + 4 + 16;

  it.each(["client", "server"] as const)(
    "no message of the %s is heard from the changed one on, wherever",
    async (sender) => {
      for (let at = 0; at < 2 * SEALED; at++) {
        const sides = await start();
        const receiver = sides[sender === "client" ? "server" : "client"];
        flipper.flip(sender, at);
        for (const word of ["one.", "two.", "six."]) {
          sides[sender].connection.send(text(word));
          const sent = flipper.passed[sender] + SEALED;
          await until(
            "the message to pass, or its end",
            () => flipper.passed[sender] >= sent || !sides[sender].connection.open,
          );
        }
        sides[sender].connection.end();
        await receiver.closed();
        expect(receiver.texts, `byte ${at}`).toEqual(["hello", "one."].slice(0, at < SEALED ? 1 : 2));
        expect(["ERR_DECRYPT", "ERR_TRUNCATED"], `byte ${at}`).toContain(receiver.code);
      }
    },
  );

  it("no message is heard behind a changed byte of a long one", async () => {
    for (const at of [1, 20, 40_000, 65_536, 65_540, 70_000]) {
      const { client, server } = await start();
      flipper.flip("client", at);
      client.connection.send(new Uint8Array(100_000));
      client.connection.send(text("behind"));
      client.connection.end();
      await server.closed();
      expect([server.texts, server.code]).toEqual([["hello"], "ERR_DECRYPT"]);
    }
  });

  it("nobody is let in by a handshake of which a bit was changed", async () => {
    const connect = async (): Promise<Recorder<SecureConnection>> =>
      new Recorder(await network.connect(between)).consume();
    await connect();
    await until("the peer", () => accepted.length === 1);
    const handshake = flipper.passed.client;
    for (let at = 2; at < handshake; at += 7) {
      flipper.reset();
      flipper.flip("client", at);
      const code = await connect().then(
        async (client) => {
          client.connection.send(text("hello"));
          await client.closed();
          return client.code;
        },
        (error: { code: string }) => error.code,
      );
      // With its first message changed the client itself notices, with its last the server, which tells nothing.
      expect(at < 34 ? ["ERR_HANDSHAKE_DECRYPT"] : ["ECONNRESET", "ERR_TRUNCATED"], `byte ${at}`).toContain(code);
    }
    expect([accepted.length, accepted[0]!.messages]).toEqual([1, []]);
  });
});
