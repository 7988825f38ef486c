import { Socket } from "@p2pnet/socket";
import { system, systemError } from "@p2pnet/sys";
import { expect, it, onTestFinished } from "vitest";
import { deliver } from "../src/dispatch.js";
import { type Interest, READABLE, UNCERTAIN, WRITABLE } from "../src/index.js";
import { HandlersWatch, type ReadinessHandlers } from "../src/watch.js";

/** What a socket is told that is reported as writable and has failed, as libuv reports a refused connect on Windows. */
function toldOf(interest: Interest, { reads }: { readonly reads: boolean }): string[] {
  const told: string[] = [];
  const socket = Socket.open("tcp");
  onTestFinished(() => socket.close());
  socket.takeError = () => systemError("connect", system().constants.ECONNREFUSED);
  const handlers: ReadinessHandlers = {
    ...(reads && { onReadable: () => void told.push("readable") }),
    onWritable: () => void told.push("writable"),
  };
  const watch = new HandlersWatch(socket, handlers);
  watch.interest = interest;
  deliver(watch, WRITABLE | UNCERTAIN, {
    failed: (_, error) => void told.push(error.message),
    threw: (error) => expect.unreachable(`${error}`),
  });
  return told;
}

it("asks the socket whether it failed where the backend is uncertain and nobody reads", () => {
  expect(toldOf(WRITABLE, { reads: false })).toEqual(["writable", "connect ECONNREFUSED"]);
  expect(toldOf(READABLE, { reads: false })).toEqual(["connect ECONNREFUSED"]);
});

it("leaves it to whoever reads", () => {
  expect(toldOf(READABLE | WRITABLE, { reads: true })).toEqual(["writable"]);
});

it("asks no socket that is paused", () => {
  expect(toldOf(0, { reads: false })).toEqual([]);
});
