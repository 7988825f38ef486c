import { Socket } from "@p2pnet/socket";
import { expect, it } from "vitest";
import type { ReadyList, WaitingBackend, Watched } from "../src/backend.js";
import { createBackend } from "../src/backends/select.js";
import { EventLoop } from "../src/event-loop.js";

/** One of ours that counts what it is asked. */
class CountingBackend implements WaitingBackend {
  readonly name = "counting poll";
  readonly style = "waiting";
  readonly #inner = createBackend("poll") as WaitingBackend;
  readonly descriptor = this.#inner.descriptor;
  readonly nests = this.#inner.nests;
  readonly asked = { add: 0, remove: 0, wait: 0, close: 0 };

  add(watched: Watched): void {
    this.asked.add++;
    this.#inner.add(watched);
  }
  modify(watched: Watched): void {
    this.#inner.modify(watched);
  }
  remove(watched: Watched): void {
    this.asked.remove++;
    this.#inner.remove(watched);
  }
  wait(timeoutMs: number, ready: ReadyList): void {
    this.asked.wait++;
    this.#inner.wait(timeoutMs, ready);
  }
  park(timeoutMs: number, done: () => void): void {
    this.asked.wait++;
    this.#inner.park(timeoutMs, done);
  }
  close(): void {
    this.asked.close++;
    this.#inner.close();
  }
}

it("runs on a backend of the user's own", async () => {
  const backend = new CountingBackend();
  const loop = new EventLoop({ backend });
  expect(loop.backend).toBe("counting poll");
  const socket = Socket.open("udp");
  socket.bind({ address: "127.0.0.1", port: 0 });
  let writable = 0;
  loop.add(socket, {
    onWritable() {
      writable++;
      socket.close();
    },
  });
  await loop.run();
  expect(writable).toBe(1);
  loop.close();
  // A host may have it watch the runtime's own loop as well, and let go of it again.
  expect(backend.asked.add).toBeGreaterThan(0);
  expect(backend.asked.remove).toBe(backend.asked.add);
  expect(backend.asked.wait).toBeGreaterThan(0);
  expect(backend.asked.close).toBe(1);
});
