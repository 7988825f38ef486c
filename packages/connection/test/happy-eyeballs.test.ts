import { getEventListeners } from "node:events";
import { Timers } from "@p2pnet/event-loop";
import { ManualClock, streamPair } from "@p2pnet/stream";
import { beforeEach, describe, expect, it } from "vitest";
import { firstToAnswer, interleaved } from "../src/happy-eyeballs.js";
import type { Endpoint, IpEndpoint, Link, Transport } from "../src/transports/transport.js";
import { RawPeer } from "./raw-peer.js";
import { turns } from "./until.js";

const four = (last: number): IpEndpoint => ({ address: `192.0.2.${last}`, family: 4, port: 9 });
const six = (last: number): IpEndpoint => ({ address: `2001:db8::${last}`, family: 6, port: 9 });

describe("endpoints of several families", () => {
  it.each<[string, Endpoint[], Endpoint[]]>([
    ["take turns", [six(1), six(2), four(1), four(2)], [six(1), four(1), six(2), four(2)]],
    ["begin with the resolver's first", [four(1), four(2), six(1)], [four(1), six(1), four(2)]],
    ["keep their order", [six(1), six(2), six(3), four(1)], [six(1), four(1), six(2), six(3)]],
    ["of one kind stay as they are", [four(3), four(1), four(2)], [four(3), four(1), four(2)]],
    ["may be one", [{ path: "/run/x" }], [{ path: "/run/x" }]],
  ])("%s", (_, endpoints, expected) => {
    expect(interleaved(endpoints)).toEqual(expected);
  });
});

/** An attempt that a test lets answer or fail. */
interface Attempt {
  readonly to: string;
  readonly signal: AbortSignal;
  readonly peer: RawPeer;
  answer(): void;
  fail(error: Error): void;
}

describe("the race for the first to answer", () => {
  const clock = new ManualClock();
  let timers: Timers;
  let attempts: Attempt[];
  let outcome: unknown;
  let controller: AbortController;

  /** A network on which nothing answers unless the test says so. */
  const transport = (): Transport => ({
    name: "native",
    timers,
    connect(to, signal) {
      const [ours, theirs] = streamPair();
      const link: Link = { stream: ours, localAddress: null, remoteAddress: to as IpEndpoint };
      return new Promise((resolve, reject) => {
        const peer = new RawPeer(theirs);
        peer.stream.resume();
        signal.addEventListener("abort", () => reject(signal.reason));
        const answer = (): void => resolve(link);
        attempts.push({ to: (to as IpEndpoint).address, signal, peer, answer, fail: reject });
      });
    },
    listen: () => Promise.reject(new Error("nobody listens")),
  });

  beforeEach(() => {
    timers = new Timers(clock);
    attempts = [];
    outcome = undefined;
    controller = new AbortController();
  });

  function race(...endpoints: Endpoint[]): void {
    firstToAnswer(transport(), endpoints, 250, controller.signal).then(
      (link) => {
        outcome = link.remoteAddress?.address;
      },
      (error: unknown) => {
        outcome = error;
      },
    );
  }

  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    timers.update();
    timers.expire((error) => expect.unreachable(String(error)));
    await turns(2);
  }

  const tried = (): string[] => attempts.map(({ to }) => to);
  const running = (): string[] => attempts.filter(({ signal }) => !signal.aborted).map(({ to }) => to);

  /** Nobody waits or listens any more. */
  function expectNothingLeft(): void {
    expect([timers.size, getEventListeners(controller.signal, "abort")]).toEqual([0, []]);
  }

  it("tries the next one beside one that has not answered after the delay", async () => {
    race(six(1), four(1), six(2));
    await pass(249);
    expect(tried()).toEqual(["2001:db8::1"]);
    await pass(1);
    expect(tried()).toEqual(["2001:db8::1", "192.0.2.1"]);
    await pass(250);
    expect(running()).toEqual(["2001:db8::1", "192.0.2.1", "2001:db8::2"]);
  });

  it("tries the next one at once after one that has failed, and counts the delay anew", async () => {
    race(six(1), four(1), six(2));
    await pass(100);
    attempts[0]!.fail(new Error("refused"));
    await turns(2);
    expect(tried()).toEqual(["2001:db8::1", "192.0.2.1"]);
    await pass(249);
    expect(attempts.length).toBe(2);
    await pass(1);
    expect(attempts.length).toBe(3);
  });

  it("is won by whoever answers first, and the others are given up", async () => {
    race(six(1), four(1), six(2), four(2));
    await pass(250);
    await pass(250);
    attempts[1]!.answer();
    await turns(2);
    expect(outcome).toBe("192.0.2.1");
    expect([tried().length, running()]).toEqual([3, []]);
    expectNothingLeft();
  });

  it("is won by the first although the second was tried", async () => {
    race(six(1), four(1));
    await pass(250);
    attempts[0]!.answer();
    await turns(2);
    expect(outcome).toBe("2001:db8::1");
    expectNothingLeft();
  });

  it("closes one that answers a moment too late", async () => {
    race(six(1), four(1));
    await pass(250);
    attempts[1]!.answer();
    attempts[0]!.answer();
    await turns(2);
    expect(outcome).toBe("192.0.2.1");
    await attempts[0]!.peer.ended();
    expect([attempts[0]!.peer.ends, attempts[1]!.peer.ends]).toEqual([1, 0]);
  });

  it("is lost when all have failed, with the last failure", async () => {
    race(six(1), four(1));
    await pass(250);
    attempts[1]!.fail(new Error("second"));
    await turns(2);
    expect(outcome).toBeUndefined();
    attempts[0]!.fail(new Error("first"));
    await turns(2);
    expect(outcome).toEqual(new Error("first"));
    expectNothingLeft();
  });

  it.each([0, 249, 250, 500])("is given up at a signal after %s ms", async (ms) => {
    race(six(1), four(1), six(2));
    for (let left = ms; left > 0; left -= 250) await pass(Math.min(left, 250));
    const reason = new Error("changed my mind");
    controller.abort(reason);
    await turns(2);
    expect([outcome, running()]).toEqual([reason, []]);
    expectNothingLeft();
    await pass(1_000);
    expect(attempts.length).toBe(Math.floor(ms / 250) + 1);
  });

  it("does not begin after a signal", async () => {
    controller.abort(new Error("before"));
    race(six(1));
    await turns(2);
    expect([outcome, attempts.length]).toEqual([new Error("before"), 0]);
    expectNothingLeft();
  });
});
