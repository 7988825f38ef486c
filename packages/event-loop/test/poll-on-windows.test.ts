import { constantsFor, layoutsFor, replaceSystem, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReadyList, type Watched } from "../src/backend.js";
import { PollBackend } from "../src/backends/poll.js";
import { FAILED, HANGUP, READABLE, WRITABLE } from "../src/index.js";
import { ForeignMemory } from "./foreign-memory.js";

const real = system();
const { pollfd } = layoutsFor("win32", "x64");
const constants = constantsFor("win32", "x64");
const { POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL, ENOTSOCK, EINVAL } = constants;

/** What WSAPoll says is written here as it was seen to say it. */
describe("PollBackend on Windows", () => {
  let memory: ForeignMemory;
  /** What the next wait is answered: the result, and each record's revents. */
  let answer: { result: number; revents: number[] };
  let records: DataView[] = [];
  beforeEach(() => {
    memory = new ForeignMemory();
    replaceSystem({
      ...real,
      constants,
      layouts: { ...real.layouts, pollfd },
      poll(address, count) {
        records = Array.from({ length: count }, (_, index) => memory.read(address + index * pollfd.size, pollfd.size));
        for (const [index, record] of records.entries()) {
          record.setInt16(pollfd.fields.revents.offset, answer.revents[index] ?? 0, true);
          memory.write(address + index * pollfd.size, record);
        }
        return answer.result;
      },
    });
  });
  afterEach(() => {
    replaceSystem(real);
    memory.close();
  });

  const watch = (handle: number, interest = READABLE): Watched => ({ handle, sequence: handle, interest });
  const backendOf = (...all: Watched[]): PollBackend => {
    const backend = new PollBackend();
    for (const watched of all) backend.add(watched);
    return backend;
  };
  const wait = (backend: PollBackend, result: number, ...revents: number[]): [Watched, number][] => {
    answer = { result, revents };
    const ready = new ReadyList();
    backend.wait(0, ready);
    return Array.from({ length: ready.length }, (_, at) => [ready.watchedAt(at), ready.readyAt(at)]);
  };

  it("hands over handles of 64 bits, and Windows' own events", () => {
    const backend = backendOf(
      watch(2 ** 40 + 12, READABLE),
      watch(0xfffffff0, WRITABLE),
      watch(4, READABLE | WRITABLE),
    );
    wait(backend, 0);
    const { fd, events } = pollfd.fields;
    expect(records.map((record) => record.getBigInt64(fd.offset, true))).toEqual([2n ** 40n + 12n, 0xfffffff0n, 4n]);
    expect(records.map((record) => record.getInt16(events.offset, true))).toEqual([POLLIN, POLLOUT, POLLIN | POLLOUT]);
  });

  it("reads what is ready, and no more records than are", () => {
    const all = [watch(4), watch(8), watch(12, WRITABLE), watch(16)];
    const backend = backendOf(...all);
    const [first, second, third] = all;
    // Of what can be read Windows names the part.
    expect(wait(backend, 3, 0x100, POLLHUP, POLLERR | POLLHUP | POLLOUT)).toEqual([
      [first, READABLE],
      [second, HANGUP],
      [third, FAILED | HANGUP | WRITABLE],
    ]);
  });

  it("finds a closed handle that is not counted, beside good ones and alone", () => {
    const [good, closed] = [watch(4), watch(8)];
    const found = [[closed, FAILED | READABLE | WRITABLE]];
    expect(wait(backendOf(good, closed), 0, 0, POLLNVAL)).toEqual(found);
    expect(wait(backendOf(closed), -ENOTSOCK, POLLNVAL)).toEqual(found);
  });

  it("tells the errors that no handle explains", () => {
    const backend = backendOf(watch(4));
    expect(() => wait(backend, -EINVAL)).toThrow(expect.objectContaining({ syscall: "poll" }));
  });
});
