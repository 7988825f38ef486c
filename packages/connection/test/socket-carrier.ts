import { type BackendName, EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { ManualClock } from "@p2pnet/stream";
import type { Carrier } from "./carrier.js";

/** Small, so that a reader that stops is soon felt; the system keeps some multiple of it. */
const BUFFER_BYTES = 32_768;

/** TCP connections over loopback, on an event loop of their own. */
export function socketCarrier(backend: BackendName): Carrier {
  return {
    name: `sockets with ${backend}`,
    bulkBytes: 3_000_000,
    open() {
      const uncaught: unknown[] = [];
      const clock = new ManualClock();
      const loop = new EventLoop({ backend, clock, autoRun: true, onUncaught: (error) => uncaught.push(error) });
      const [left, right] = socketPair();
      return {
        streams: [loop.stream(left), loop.stream(right)],
        timers: loop.timers,
        uncaught,
        pass(ms) {
          clock.advance(ms);
          loop.wake();
        },
        close() {
          left.close();
          right.close();
          loop.close();
        },
      };
    },
  };
}

/** Two connected sockets. */
export function socketPair(): [Socket, Socket] {
  const listening = Socket.open("tcp");
  listening.options.receiveBufferSize = BUFFER_BYTES;
  listening.bind({ address: "127.0.0.1", port: 0 });
  listening.listen(1);
  listening.setNonBlocking(false);
  const client = Socket.open("tcp");
  client.options.receiveBufferSize = BUFFER_BYTES;
  client.setNonBlocking(false);
  client.connect(listening.localAddress);
  client.setNonBlocking(true);
  const accepted = listening.accept();
  listening.close();
  if (accepted === null) throw new Error("accept: expected the connection, got none");
  for (const socket of [client, accepted]) {
    socket.options.sendBufferSize = BUFFER_BYTES;
    socket.options.noDelay = true;
  }
  return [client, accepted];
}
