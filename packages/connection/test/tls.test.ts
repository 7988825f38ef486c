import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import { expect, it } from "vitest";
import { MessageConnection, streamOverNodeSocket } from "../src/index.js";
import { pattern, same } from "./bytes.js";
import { Recorder } from "./recorder.js";

/** Both know a key, so that no certificate is needed. */
const shared = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
const psk = Buffer.from("a key that both ends know");

async function tlsSocketPair(): Promise<[TLSSocket, TLSSocket]> {
  const server = createServer({ ...shared, pskCallback: () => psk }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const options = { ...shared, port, host: "127.0.0.1", pskCallback: () => ({ psk, identity: "us" }) };
  const left = connect({ ...options, checkServerIdentity: () => undefined });
  const [[right]] = (await Promise.all([once(server, "secureConnection"), once(left, "secureConnect")])) as [
    [TLSSocket],
    unknown,
  ];
  server.close();
  return [left, right];
}

it("carries messages over TLS sockets of the user's own", async () => {
  const [left, right] = (await tlsSocketPair()).map(
    (socket) => new Recorder(new MessageConnection(streamOverNodeSocket(socket))),
  );
  right!.consume((message) => void right!.connection.send(message));
  left!.consume();
  const sizes = [1, 16_385, 1_048_576, 3];
  for (const size of sizes) left!.connection.send(pattern(size));
  await left!.received(sizes.length);
  expect(left!.messages.map((message, i) => same(message, pattern(sizes[i]!)))).toEqual([true, true, true, true]);
  expect(left!.connection.bufferedBytes).toBe(0);
  await left!.connection.close();
  await right!.closed();
  expect([left!.code, right!.code]).toEqual(["none", "none"]);
});

it("ends a TLS socket of the user's own at abort", async () => {
  const [left, right] = (await tlsSocketPair()).map((socket) =>
    new Recorder(new MessageConnection(streamOverNodeSocket(socket))).consume(),
  );
  left!.connection.abort();
  await Promise.all([left!.closed(), right!.closed()]);
  expect(left!.code).toBe("ERR_CONNECTION_CLOSED");
});
