import { once } from "node:events";
import { connect } from "node:net";
import { encodeFrame } from "@p2pnet/framing";
import { describe, expect, it } from "vitest";
import { listen, type MessageConnection } from "../src/index.js";
import { bytes, text } from "./bytes.js";
import { runProgram } from "./run-program.js";
import { turns, until } from "./until.js";

const onNode = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
/** Bytes of JavaScript heap, with room for what the engine adds. What one costs stands in docs/performance.md. */
const IDLE_BYTES = 1_800;

/**
 * Heap of a connection that has a handler and says nothing. The clients' ends exist before it is measured, and of several slices
 * the median counts: in one or another the engine compiles what is hot, or a table doubles.
 */
const MEASURE = `
import { listen } from "@p2pnet/connection";
import { Socket } from "@p2pnet/socket";

const SLICE = 400;
const SLICES = 7;
const server = await listen({}, (peer) => { peer.onMessage = (message) => peer.send(message); });
const clients = Array.from({ length: SLICE * SLICES }, () => Socket.open("tcp"));
const heap = () => { gc(); gc(); return process.memoryUsage().heapUsed; };
const costs = [];
for (let slice = 0; slice < SLICES; slice++) {
  const before = heap();
  for (let index = 0; index < SLICE; index++) {
    clients[slice * SLICE + index].connect(server.address);
    while (server.connections.size <= slice * SLICE + index) await new Promise((resolve) => setImmediate(resolve));
  }
  costs.push((heap() - before) / SLICE);
}
console.log(Math.round(costs.sort((a, b) => a - b)[(SLICES - 1) / 2]));
process.exit();
`;

describe("many connections of one server", () => {
  it.skipIf(!onNode)("cost little while they are idle; measured on Node", async () => {
    expect(Number(await runProgram(MEASURE, { flags: ["--expose-gc"] }))).toBeLessThan(IDLE_BYTES);
  });

  it("do not mix messages that come in pieces", async () => {
    const heard: string[] = [];
    await using server = await listen({}, (peer) => {
      peer.onMessage = (message) => void heard.push(text(message));
    });
    const words = ["a", "second", "and a third message"];
    const clients = words.map(() => connect(server.address.port));
    await Promise.all(clients.map((client) => once(client.setNoDelay(), "connect")));
    const frames = words.map((word) => encodeFrame(bytes(word)));
    for (let at = 0; at < frames[2]!.length; at++) {
      for (const [index, client] of clients.entries()) client.write(frames[index]!.subarray(at, at + 1));
      await turns(2);
    }
    await until("all messages", () => heard.length === words.length);
    expect(heard.toSorted()).toEqual(words.toSorted());
    for (const client of clients) client.destroy();
  });

  it("may share their handlers, which find the connection in this", async () => {
    const told: string[] = [];
    const peers: MessageConnection[] = [];
    const nameOf = (peer: MessageConnection): string => `peer ${peers.indexOf(peer)}`;
    function onMessage(this: MessageConnection, message: Uint8Array): void {
      told.push(`${nameOf(this)} says ${text(message)}`);
    }
    function onClose(this: MessageConnection): void {
      told.push(`${nameOf(this)} is gone`);
    }
    await using server = await listen({}, (peer) => {
      peers.push(peer);
      peer.onMessage = onMessage;
      peer.onClose = onClose;
    });
    for (const word of ["hello", "goodbye"]) {
      const expected = told.length + 2;
      const client = connect(server.address.port);
      client.end(encodeFrame(bytes(word)));
      client.resume();
      await until("its end", () => told.length === expected);
    }
    expect(told).toEqual(["peer 0 says hello", "peer 0 is gone", "peer 1 says goodbye", "peer 1 is gone"]);
  });
});
