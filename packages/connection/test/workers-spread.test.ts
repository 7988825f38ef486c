import { afterEach, describe, expect, it } from "vitest";
import { connect, type MessageConnection, type RunningWorkers, runWorkers } from "../src/index.js";
import { bytes, text } from "./bytes.js";

const ROOM = new URL("./worker-programs/room.mjs", import.meta.url);
const CLIENTS = 1_000;
/** Clients that connect at the same time. */
const AT_ONCE = 50;

const spreads = process.platform === "linux" ? (["reusePort", "handles"] as const) : (["handles"] as const);
const runs = spreads.flatMap((spread) => [2, 4].map((size) => ({ spread, size })));

describe("1,000 clients of several workers", () => {
  const clients: MessageConnection[] = [];
  let workers: RunningWorkers | undefined;
  afterEach(async () => {
    for (const client of clients.splice(0)) client.abort();
    await workers?.close({ deadlineMs: 0 });
  });

  /** Connects, compares an echo, and gives the index of the worker that serves it. */
  async function join(port: number, name: string): Promise<number> {
    const client = await connect({ host: "127.0.0.1", port });
    clients.push(client);
    const answers: string[] = [];
    const answered = new Promise<void>((resolve, reject) => {
      client.onClose = (error) => reject(error ?? new Error(`${name}: closed`));
      client.onMessage = (message) => {
        if (answers.push(text(message)) === 2) resolve();
      };
    });
    client.send(bytes(`echo ${name}`));
    client.send(bytes("who"));
    await answered;
    client.onClose = null;
    expect(answers[0]).toBe(name);
    return Number(answers[1]);
  }

  it.each(runs)("spread over $size by $spread, and every echo is right", async ({ spread, size }) => {
    workers = await runWorkers(ROOM, { workers: size, spread, data: {} });
    const { port } = workers.address;
    const served = new Array<number>(size).fill(0);
    for (let from = 0; from < CLIENTS; from += AT_ONCE) {
      const group = Array.from({ length: AT_ONCE }, (_, i) => join(port, `client ${from + i}`));
      for (const index of await Promise.all(group)) served[index]!++;
    }
    console.log(`${spread}, ${size} workers: ${served.join(" + ")} clients`);
    expect(served.reduce((sum, count) => sum + count)).toBe(CLIENTS);
    // The system draws lots; in turn, each has exactly its share.
    const atLeast = spread === "handles" ? CLIENTS / size : CLIENTS / size / 4;
    expect(Math.min(...served)).toBeGreaterThanOrEqual(atLeast);
    expect(await workers.stats()).toMatchObject({ accepted: CLIENTS, connections: CLIENTS });
  });
});
