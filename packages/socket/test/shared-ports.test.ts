import { system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Socket, WOULD_BLOCK } from "../src/index.js";
import { nameUnless } from "./capabilities.js";
import { bytes, errorOf, Loopback, waitFor } from "./loopback.js";

const { SO_REUSEPORT, SO_REUSEPORT_LB } = system().constants;
const reason = (SO_REUSEPORT_LB ?? SO_REUSEPORT) === null ? "the system has no SO_REUSEPORT" : null;

/** With so many, the odds that the system gives all to one of two are 1 to 2^63. */
const CLIENTS = 64;

describe.skipIf(reason)(nameUnless(reason, "with reusePort"), () => {
  let loopback: Loopback;
  afterEach(() => loopback.close());

  /** Two sockets bound to one address. */
  function both(): [Socket, Socket] {
    const [first, second] = [loopback.open(), loopback.open()];
    first.options.reusePort = true;
    second.options.reusePort = true;
    first.bind(loopback.place());
    second.bind(first.localAddress);
    return [first, second];
  }

  function refusesOneWithout(socket: Socket): void {
    expect(errorOf(() => loopback.open().bind(socket.localAddress))).toMatchObject({ code: "EADDRINUSE" });
  }

  describe("two TCP listeners", () => {
    beforeEach(() => {
      loopback = new Loopback({ kind: "tcp", family: 4, blocking: false });
    });

    it("share the connections", () => {
      const [first, second] = both();
      first.listen();
      second.listen();
      refusesOneWithout(first);
      for (let i = 0; i < CLIENTS; i++) loopback.connect(loopback.open(), first.localAddress);
      const counts = [first, second].map((listener) => {
        let count = 0;
        for (let peer = listener.accept(); peer !== null; peer = listener.accept()) {
          loopback.keep(peer);
          count++;
        }
        return count;
      });
      expect(counts[0]! + counts[1]!).toBe(CLIENTS);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    });
  });

  describe("two UDP sockets", () => {
    beforeEach(() => {
      loopback = new Loopback({ kind: "udp", family: 4, blocking: false });
    });

    it("share the datagrams, and each sender keeps its receiver", () => {
      const [first, second] = both();
      refusesOneWithout(first);
      const senders = Array.from({ length: CLIENTS }, () => loopback.bound());
      for (const text of ["one", "two"]) {
        for (const sender of senders) sender.sendTo(bytes(text), first.localAddress);
      }
      const received = [first, second].map((socket) => {
        const from: number[] = [];
        waitFor(socket, "readable");
        const into = new Uint8Array(3);
        for (let datagram = socket.recvFrom(into); datagram !== null; datagram = socket.recvFrom(into)) {
          from.push(datagram.from.port);
        }
        expect(socket.recv(into)).toBe(WOULD_BLOCK);
        return from;
      });
      const [byFirst, bySecond] = received as [number[], number[]];
      expect(byFirst.length + bySecond.length).toBe(2 * CLIENTS);
      expect(byFirst.filter((port) => bySecond.includes(port))).toEqual([]);
      expect(Math.min(byFirst.length, bySecond.length)).toBeGreaterThan(0);
    });
  });
});
