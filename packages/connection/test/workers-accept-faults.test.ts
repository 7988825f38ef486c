import { connect as connectNode, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { connect, type RunningWorkers, runWorkers } from "../src/index.js";
import { bytes, text } from "./bytes.js";
import { replaceCalls, system } from "./faults.js";
import { until } from "./until.js";

const ROOM = new URL("./worker-programs/room.mjs", import.meta.url);
const { EMFILE, EINVAL } = system().constants;

/** A client in the system's queue. */
function waitingClient(port: number): Socket {
  const client = connectNode(port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void client.destroy());
  return client;
}

describe("workers that are handed connections, where accepting fails", () => {
  let acceptErrno = 0;
  let restore: () => void;
  let workers: RunningWorkers;
  const told: string[] = [];
  beforeEach(async () => {
    restore = replaceCalls((real) => ({
      accept: (handle) => (acceptErrno === 0 ? real.accept(handle) : -acceptErrno),
    }));
    workers = await runWorkers(ROOM, { workers: 2, spread: "handles", data: {} });
    workers.onError = (error) => void told.push((error as NodeJS.ErrnoException).code!);
  });
  afterEach(async () => {
    acceptErrno = 0;
    await workers.close({ deadlineMs: 0 });
    restore();
    told.splice(0);
  });

  it("tell that the process is out of descriptors, and go on once it has some", async () => {
    acceptErrno = EMFILE!;
    const { port } = workers.address;
    waitingClient(port);
    await until("the error", () => told.length > 0);
    expect(told[0]).toBe("EMFILE");
    acceptErrno = 0;
    const client = await connect({ host: "127.0.0.1", port });
    onTestFinished(() => client.abort());
    client.send(bytes("echo hello"));
    for await (const message of client) {
      expect(text(message)).toBe("hello");
      break;
    }
  });

  it("are all closed when it fails for good, and say why", async () => {
    acceptErrno = EINVAL!;
    waitingClient(workers.address.port);
    await workers.closed;
    expect(told).toEqual(["EINVAL"]);
  });
});
