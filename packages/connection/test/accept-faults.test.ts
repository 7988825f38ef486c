import { RETRY_MS } from "@p2pnet/event-loop";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionHandler } from "../src/index.js";
import { bytes } from "./bytes.js";
import { replaceCalls, type System, system } from "./faults.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { turns, until } from "./until.js";

/** What a system may be short of: descriptors of the process or of all, memory for sockets or any. Windows knows no `ENFILE`. */
const SHORTAGES = (["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"] as const).filter(
  (code) => system().constants[code] !== null,
);

const echo: ConnectionHandler = (peer) => {
  peer.onMessage = (message) => void peer.send(message);
};

describe.each(testedBackends())("a server whose system fails, with %s", (backend) => {
  let network: Network;
  let restore: () => void;
  /** What `accept` and `getpeername` fail with: 0 for not at all. */
  let acceptErrno: number;
  let remoteAddressErrno: number;
  let constants: System["constants"];
  beforeEach(() => {
    acceptErrno = 0;
    remoteAddressErrno = 0;
    restore = replaceCalls((real) => {
      constants = real.constants;
      return {
        accept: (handle) => (acceptErrno === 0 ? real.accept(handle) : -acceptErrno),
        remoteAddress: (...args) => (remoteAddressErrno === 0 ? real.remoteAddress(...args) : -remoteAddressErrno),
      };
    });
    network = new Network(backend);
  });
  afterEach(async () => {
    await network.close();
    restore();
  });

  it.each(SHORTAGES)("pauses accepting at %s, and resumes; nobody connected notices", async (shortage) => {
    const server = await network.listen({}, echo);
    const errors: string[] = [];
    server.onError = (error) => void errors.push((error as NodeJS.ErrnoException).code ?? "?");
    const one = new Recorder(await network.connect(server)).consume();
    one.connection.send(bytes("hello"));
    await one.received(1);

    acceptErrno = constants[shortage]!;
    const waiting = network.rawPeer(server);
    await until("the error to be told", () => errors.length === 1);
    await turns();
    expect(errors).toEqual([shortage]);
    one.connection.send(bytes("still here"));
    await one.received(2);

    network.pass(RETRY_MS);
    await until("a second try", () => errors.length === 2);
    acceptErrno = 0;
    network.pass(RETRY_MS);
    waiting.stream.resume();
    waiting.stream.write(Uint8Array.of(0, 0, 0, 1, 65));
    await waiting.received(5);
    expect(errors).toEqual([shortage, shortage]);
    expect(server.connections.size).toBe(2);
  });

  it("may be closed while it pauses", async () => {
    const server = await network.listen({}, echo);
    let told = false;
    server.onError = () => {
      told = true;
    };
    acceptErrno = constants.EMFILE;
    const waiting = network.rawPeer(server);
    await until("the error to be told", () => told);
    expect(await server.close()).toEqual({ cut: 0 });
    waiting.stream.resume();
    await waiting.failed();
    network.pass(RETRY_MS);
    await turns();
    expect(network.loop.timers.size).toBe(0);
  });

  it("may be closed from within onError", async () => {
    const server = await network.listen({}, echo);
    let closing: Promise<{ cut: number }> | undefined;
    server.onError = () => {
      closing = server.close();
    };
    acceptErrno = constants.EMFILE;
    const waiting = network.rawPeer(server);
    await until("it to be closed", () => closing !== undefined);
    expect(await closing).toEqual({ cut: 0 });
    waiting.stream.resume();
    await waiting.failed();
    expect([network.loop.timers.size, server.connections.size]).toEqual([0, 0]);
  });

  it("goes on when onError throws", async () => {
    const server = await network.listen({}, echo);
    server.onError = () => {
      throw new Error("in onError");
    };
    acceptErrno = constants.EMFILE;
    const waiting = network.rawPeer(server);
    await until("the report", () => network.uncaught.length === 1);
    expect(network.uncaught.splice(0)).toEqual([new Error("in onError")]);
    acceptErrno = 0;
    network.pass(RETRY_MS);
    waiting.stream.resume();
    waiting.stream.write(Uint8Array.of(0, 0, 0, 1, 65));
    await waiting.received(5);
    expect(server.connections.size).toBe(1);
  });

  it("tells when accepting fails for good, and its connections live on", async () => {
    const server = await network.listen({}, echo);
    const errors: string[] = [];
    server.onError = (error) => void errors.push((error as NodeJS.ErrnoException).code ?? "?");
    const one = new Recorder(await network.connect(server)).consume();
    await until("it to be there", () => server.connections.size === 1);
    acceptErrno = constants.EINVAL;
    const refused = network.rawPeer(server);
    await until("the error to be told", () => errors.length === 1);
    expect(errors).toEqual(["EINVAL"]);
    refused.stream.resume();
    await refused.failed();
    one.connection.send(bytes("still here"));
    await one.received(1);
    expect(await server.close()).toEqual({ cut: 0 });
  });

  it("reports that accepting has failed for good, when nobody asks to be told", async () => {
    const server = await network.listen({}, echo);
    acceptErrno = constants.EINVAL;
    const refused = network.rawPeer(server);
    await until("the report", () => network.uncaught.length === 1);
    expect(network.uncaught.splice(0)).toEqual([expect.objectContaining({ code: "EINVAL", syscall: "accept" })]);
    refused.stream.resume();
    await refused.failed();
  });

  it("pauses and resumes although nobody asks to be told", async () => {
    const server = await network.listen({}, echo);
    acceptErrno = constants.EMFILE;
    const waiting = network.rawPeer(server);
    await turns();
    acceptErrno = 0;
    network.pass(RETRY_MS);
    waiting.stream.resume();
    waiting.stream.write(Uint8Array.of(0, 0, 0, 1, 65));
    await waiting.received(5);
    expect(server.connections.size).toBe(1);
  });

  it("passes over a peer that has reset before it was its turn", async () => {
    let calls = 0;
    const server = await network.listen({}, (peer) => {
      calls++;
      echo(peer);
    });
    remoteAddressErrno = constants.ENOTCONN;
    const gone = network.rawPeer(server);
    gone.stream.resume();
    await gone.ended();
    remoteAddressErrno = 0;
    const one = new Recorder(await network.connect(server)).consume();
    one.connection.send(bytes("hello"));
    await one.received(1);
    expect([calls, server.connections.size]).toEqual([1, 1]);
  });
});
