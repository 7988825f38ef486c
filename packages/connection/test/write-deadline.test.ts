import { Timers } from "@p2pnet/event-loop";
import { type ByteStream, ManualClock } from "@p2pnet/stream";
import { expect, it } from "vitest";
import { MessageConnection } from "../src/index.js";
import { pattern } from "./bytes.js";
import { Recorder } from "./recorder.js";
import { turns } from "./until.js";

/** Takes what it is told to within `write`, as a socket does of much that is written at once. */
class Taking implements ByteStream {
  bytesWritten = 0;
  bufferedBytes = 0;
  takesAll = true;
  /** Bytes that it has to say itself at the end. */
  lastWord = 0;

  write({ length }: Uint8Array): void {
    if (this.takesAll) this.bytesWritten += length;
    else this.bufferedBytes += length;
  }
  end(): void {
    this.bufferedBytes += this.lastWord;
  }
  start(): void {}
  pause(): void {}
  resume(): void {}
  close(): void {}
  abort(): void {}
}

function connected(options: { idleTimeoutMs?: number } = {}) {
  const clock = new ManualClock();
  const timers = new Timers(clock);
  const stream = new Taking();
  const connection = new MessageConnection(stream, { writeTimeoutMs: 1_000, ...options }, { timers });
  return {
    stream,
    connection,
    end: new Recorder(connection),
    async pass(ms: number): Promise<void> {
      clock.advance(ms);
      timers.update();
      timers.expire((error) => expect.unreachable(String(error)));
      await turns();
    },
  };
}

it("times what waits behind a message that was taken at once", async () => {
  const { stream, connection, end, pass } = connected();
  connection.send(pattern(70_000));
  expect(connection.bufferedBytes).toBe(0);
  stream.takesAll = false;
  connection.send(pattern(10));
  await pass(999);
  expect(end.closes.length).toBe(0);
  await pass(1);
  expect(end.code).toBe("ERR_WRITE_TIMEOUT");
});

it("times the second of two that were queued when nothing waited from the second on", async () => {
  const { stream, connection, end, pass } = connected();
  connection.send(pattern(10));
  await pass(600);
  stream.takesAll = false;
  connection.send(pattern(10));
  await pass(600);
  expect(end.closes.length).toBe(0);
  await pass(400);
  expect(end.code).toBe("ERR_WRITE_TIMEOUT");
});

it("gives a stream's last word its own time, however long ago something was taken", async () => {
  const { stream, connection, end, pass } = connected({ idleTimeoutMs: 5_000 });
  stream.lastWord = 20;
  connection.send(pattern(10));
  await pass(4_999);
  connection.end();
  await pass(1);
  expect(end.code).toBe("ERR_IDLE_TIMEOUT");
});
