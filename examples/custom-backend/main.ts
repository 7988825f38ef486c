// An event loop on a backend of one's own: it asks poll(2), and notes down each wait.
import { connect, listen } from "@p2pnet/connection";
import { createBackend, EventLoop, type ReadyList, type WaitingBackend, type Watched } from "@p2pnet/event-loop";

class TracingBackend implements WaitingBackend {
  readonly name = "tracing";
  readonly style = "waiting";
  readonly #inner = createBackend("poll") as WaitingBackend;
  readonly descriptor = this.#inner.descriptor;
  readonly nests = this.#inner.nests;
  readonly handles = new Set<number>();
  events = 0;

  add(watched: Watched): void {
    this.handles.add(watched.handle);
    this.#inner.add(watched);
  }

  modify(watched: Watched): void {
    this.#inner.modify(watched);
  }

  remove(watched: Watched): void {
    this.#inner.remove(watched);
  }

  wait(timeoutMs: number, ready: ReadyList): void {
    const before = ready.length;
    this.#inner.wait(timeoutMs, ready);
    this.events += ready.length - before;
  }

  park(timeoutMs: number, done: () => void): void {
    this.#inner.park(timeoutMs, done);
  }

  close(): void {
    this.#inner.close();
  }
}

const backend = new TracingBackend();
const loop = new EventLoop({ backend, autoRun: true });
const server = await listen({ port: 0, loop }, (peer) => {
  peer.onMessage = (message) => peer.send(message);
});
const peer = await connect({ host: "127.0.0.1", port: server.address.port, loop });
peer.send(new TextEncoder().encode("hello"));
for await (const message of peer) {
  console.log(new TextDecoder().decode(message));
  break;
}
await server.close();
console.log(`watched ${backend.handles.size >= 3}, told ${backend.events >= 4}`);
loop.close();
