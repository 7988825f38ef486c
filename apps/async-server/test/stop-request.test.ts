import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { SECOND_SIGNAL_MS, StopRequest } from "../src/stop-request.js";

/** A process that gets signals and notes its exits, and a clock that stands still. */
function stage(connected = false) {
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { connected, exit: (code: number) => exits.push(code) });
  const clock = { now: 1000 };
  const request = new StopRequest(process as unknown as NodeJS.Process, () => clock.now);
  return { process, clock, request, exits };
}

describe("the wish to stop", () => {
  it.each(["SIGINT", "SIGTERM"])("is made by %s", (signal) => {
    const { process, request, exits } = stage();
    expect(request.signal.aborted).toBe(false);
    process.emit(signal);
    expect(request.signal.aborted).toBe(true);
    expect(exits).toEqual([]);
  });

  it("is one wish when Ctrl+C reaches the process twice within milliseconds", () => {
    const { process, clock, exits } = stage();
    process.emit("SIGINT");
    clock.now += SECOND_SIGNAL_MS;
    process.emit("SIGINT");
    expect(exits).toEqual([]);
  });

  it("is a command when it comes again later", () => {
    const { process, clock, exits } = stage();
    process.emit("SIGTERM");
    clock.now += SECOND_SIGNAL_MS + 1;
    process.emit("SIGINT");
    expect(exits).toEqual([130]);
  });

  it("is made when the program at the other end of an IPC channel is gone, and then a first signal is still a first", () => {
    const { process, clock, request, exits } = stage(true);
    process.emit("disconnect");
    expect(request.signal.aborted).toBe(true);
    clock.now += 10_000;
    process.emit("SIGINT");
    expect(exits).toEqual([]);
  });

  it("listens to nothing any more once it is disposed of", () => {
    const { process, request } = stage(true);
    request[Symbol.dispose]();
    expect(process.eventNames()).toEqual([]);
  });
});
