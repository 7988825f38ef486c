import { Timers } from "@p2pnet/event-loop";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Sending, type SendingClient, type SendingPlan } from "../src/sending.js";

const FAST: SendingPlan = { messages: 5, depth: 1, delay: 0, interval: null };
let now = 0;

beforeEach(() => {
  now = 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A client that notes what it sends, whose connection has room as long as it is told so. */
class NotingClient implements SendingClient {
  readonly sent: { message: number; dueAt: number; at: number }[] = [];
  underWay = 0;
  hasRoom = true;
  isComplete = false;

  send(message: number, dueAt: number): boolean {
    this.sent.push({ message, dueAt, at: now });
    this.underWay++;
    return this.hasRoom;
  }

  complete(): void {
    this.isComplete = true;
  }
}

/** A sender, and what lets time pass. */
function sender(plan: Partial<SendingPlan>): { client: NotingClient; sending: Sending; wait: (until: number) => void } {
  const timers = new Timers({ now: () => now });
  const client = new NotingClient();
  const sending = new Sending({ ...FAST, ...plan }, client, timers);
  const wait = (until: number): void => {
    for (;;) {
      const delay = timers.nextDelay();
      if (delay < 0 || now + delay > until) break;
      now += delay;
      timers.update();
      timers.expire((error) => {
        throw error;
      });
      timers.rest();
    }
    now = until;
  };
  return { client, sending, wait };
}

describe("messages at a rate", () => {
  const rate = { messages: 10, depth: Number.POSITIVE_INFINITY, interval: 100 };

  it("leave when they are due, answered or not", () => {
    const { client, sending, wait } = sender(rate);
    sending.start(1_050, Number.POSITIVE_INFINITY);
    expect(client.sent).toEqual([]);
    wait(1_250);
    expect(client.sent).toEqual([
      { message: 1, dueAt: 1_050, at: 1_050 },
      { message: 2, dueAt: 1_150, at: 1_150 },
      { message: 3, dueAt: 1_250, at: 1_250 },
    ]);
  });

  it("keep the times at which they were due while the server took nothing, so that no wait is hidden", () => {
    const { client, sending, wait } = sender(rate);
    sending.start(1_000, Number.POSITIVE_INFINITY);
    client.hasRoom = false;
    wait(1_450);
    expect(client.sent).toHaveLength(2); // The second has filled the connection, and none leaves until it drains.
    client.hasRoom = true;
    sending.drained();
    expect(client.sent).toEqual([
      { message: 1, dueAt: 1_000, at: 1_000 },
      { message: 2, dueAt: 1_100, at: 1_100 },
      { message: 3, dueAt: 1_200, at: 1_450 },
      { message: 4, dueAt: 1_300, at: 1_450 },
      { message: 5, dueAt: 1_400, at: 1_450 },
    ]);
    wait(1_500);
    expect(client.sent.at(-1)).toEqual({ message: 6, dueAt: 1_500, at: 1_500 });
  });

  it("that were due before the end are sent after it, if they could not be sooner", () => {
    const { client, sending, wait } = sender({ ...rate, messages: Number.POSITIVE_INFINITY });
    client.hasRoom = false;
    sending.start(1_000, 1_250);
    wait(9_000);
    client.hasRoom = true;
    sending.drained();
    expect(client.sent.map(({ dueAt }) => dueAt)).toEqual([1_000, 1_100, 1_200]);
    expect(client.isComplete).toBe(false);
    client.underWay = 0;
    sending.advance();
    expect(client.isComplete).toBe(true);
  });
});

describe("messages without a rate", () => {
  it("leave when those before them are answered, and are due then", () => {
    const { client, sending } = sender({ messages: 2 });
    sending.start(1_000, Number.POSITIVE_INFINITY);
    now = 1_700;
    client.underWay = 0;
    sending.advance();
    expect(client.sent).toEqual([
      { message: 1, dueAt: 1_000, at: 1_000 },
      { message: 2, dueAt: 1_700, at: 1_700 },
    ]);
    client.underWay = 0;
    sending.advance();
    expect(client.isComplete).toBe(true);
  });

  it("end with the time that they are given", () => {
    const { client, sending } = sender({ messages: Number.POSITIVE_INFINITY });
    sending.start(1_000, 1_100);
    now = 1_100;
    client.underWay = 0;
    sending.advance();
    expect(client.sent).toHaveLength(1);
    expect(client.isComplete).toBe(true);
  });

  it("end early where the next would be due after the end", () => {
    const { client, sending } = sender({ messages: Number.POSITIVE_INFINITY, delay: 60 });
    sending.start(1_000, 1_050);
    client.underWay = 0;
    sending.advance();
    expect(client.isComplete).toBe(true);
  });
});
