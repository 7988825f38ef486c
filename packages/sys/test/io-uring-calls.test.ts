import { afterEach, describe, expect, it } from "vitest";
import { loadSystem, system } from "../src/current-system.js";
import type { IoUringCalls } from "../src/io-uring-calls.js";

const { constants } = system();

/** Why no ring can be made here, or null. */
function whyNot(): string | null {
  const { ioUring } = system();
  if (ioUring === null) return "it is a part of Linux";
  const ring = ioUring.setup(1, new Uint8Array(ioUring.layouts.io_uring_params.size));
  if (ring < 0) return `io_uring_setup gives ${ring}`;
  system().close(ring);
  return null;
}

const missing = whyNot();

describe("the calls of io_uring", () => {
  it("are there on Linux alone", () => {
    expect(system().ioUring === null).toBe(process.platform !== "linux");
  });
});

describe.skipIf(missing !== null)(`a ring${missing === null ? "" : `, not run: ${missing}`}`, () => {
  const opened: number[] = [];
  afterEach(() => {
    for (const handle of opened.splice(0)) system().close(handle);
  });

  const start = (): { calls: IoUringCalls; ring: number; parameters: DataView } => {
    const calls = loadSystem(process.platform, process.arch).ioUring!;
    const parameters = new Uint8Array(calls.layouts.io_uring_params.size);
    const ring = calls.setup(4, parameters);
    opened.push(ring);
    return { calls, ring, parameters: new DataView(parameters.buffer) };
  };

  it("says how many entries it has, and gives its memory", () => {
    const { calls, ring, parameters } = start();
    const { sq_entries, cq_entries } = calls.layouts.io_uring_params.fields;
    expect(parameters.getUint32(sq_entries.offset, true)).toBe(4);
    expect(parameters.getUint32(cq_entries.offset, true)).toBe(8);
    const entries = calls.map(ring, calls.constants.IORING_OFF_SQES, 4 * calls.layouts.io_uring_sqe.size);
    if (typeof entries === "number") return expect.unreachable(`mmap: ${entries}`);
    entries.bytes[255] = 7;
    expect(entries.bytes[255]).toBe(7);
    entries.unmap();
    entries.unmap();
  });

  it("waits no longer than told, and calls the end of the time no error", () => {
    const { calls, ring } = start();
    const before = performance.now();
    expect(calls.enter(ring, 0, 1, 30)).toBe(0);
    expect(performance.now() - before).toBeGreaterThanOrEqual(29);
    expect(calls.enter(ring, 0, 0, 0)).toBe(0);
  });

  it("gives the negated errno", () => {
    const { calls, ring } = start();
    expect(calls.setup(0, new Uint8Array(calls.layouts.io_uring_params.size))).toBe(-constants.EINVAL);
    expect(calls.enter(-1, 0, 0, 0)).toBe(-constants.EBADF);
    expect(calls.register(ring, 10_000, 0, 0)).toBe(-constants.EINVAL);
    expect(calls.map(-1, 0, 4096)).toBe(-constants.EBADF);
    expect([calls.raise(-1), calls.lower(-1)]).toEqual([-constants.EBADF, -constants.EBADF]);
  });

  it("has an event that counts until it is lowered, and does not wait", () => {
    const { calls } = start();
    const event = calls.event();
    opened.push(event);
    expect(calls.lower(event)).toBe(-constants.EAGAIN);
    calls.raise(event);
    calls.raise(event);
    expect(calls.lower(event)).toBe(8);
    expect(calls.lower(event)).toBe(-constants.EAGAIN);
  });
});
