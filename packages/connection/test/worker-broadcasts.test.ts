import { MessageChannel } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { WorkerBroadcasts } from "../src/workers/worker-broadcasts.js";
import { pattern } from "./bytes.js";
import { until } from "./until.js";

interface Heard {
  readonly length: number;
  readonly first: number | undefined;
  readonly skipSlow: boolean;
}

/** Two workers, and what the second one hears. */
function pair(): { first: WorkerBroadcasts; heard: Heard[] } {
  const waiting = new SharedArrayBuffer(8);
  const heard: Heard[] = [];
  const first = new WorkerBroadcasts(0, waiting, () => {});
  const second = new WorkerBroadcasts(1, waiting, (message, skipSlow) => {
    heard.push({ length: message.length, first: message[0], skipSlow });
  });
  const { port1, port2 } = new MessageChannel();
  first.connect(1, port1);
  second.connect(0, port2);
  // They keep nothing running, not even a test that waits for them.
  port2.ref();
  onTestFinished(() => first.close());
  return { first, heard };
}

describe("broadcasts between workers", () => {
  it("are in order, long ones and short ones, and the same although they change after", async () => {
    const { first, heard } = pair();
    const message = pattern(40_000);
    for (let i = 0; i < 20; i++) {
      message[0] = i;
      expect(first.post(message.subarray(0, i % 2 === 0 ? 40_000 : 10), i === 3)).toBe(0);
    }
    message.fill(255);
    await until("all", () => heard.length === 20);
    expect(heard).toEqual(
      Array.from({ length: 20 }, (_, i) => ({ length: i % 2 === 0 ? 40_000 : 10, first: i, skipSlow: i === 3 })),
    );
  });

  it("leave out a worker for which 64 MiB wait, until it has caught up", async () => {
    const { first, heard } = pair();
    const message = pattern(1024 * 1024);
    let posted = 0;
    while (first.post(message, false) === 0) posted++;
    expect(posted).toBe(63); // The 64th would be above, with what belongs to each.
    expect(first.post(pattern(10), false)).toBe(0);
    await until("it to catch up", () => heard.length === posted + 1, 60_000);
    expect(first.post(message, false)).toBe(0);
    await until("the next one", () => heard.length === posted + 2);
  }, 120_000);
});
