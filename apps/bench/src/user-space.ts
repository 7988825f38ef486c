/**
 * What a message costs in user space: connections over sockets that always have DEPTH messages and take everything, on a
 * backend that says so. No system call is made, so that the figure holds on a busy machine, too, and shows what a change
 * to the code has brought.
 *
 * Usage: `node dist/user-space.js [DEPTH] [CONNECTIONS] [--borrow | --copy] [--short]`. CONNECTIONS (1) are ready in each turn.
 * Prints nanoseconds of CPU time for each echoed message: of 15 runs the lower quartile and the median. Messages are slices of what
 * was received; with `--borrow` views on it, with `--copy` the user's to keep.
 */
import { MessageConnection } from "@p2pnet/connection";
import { EventLoop, type ReadyList, type WaitingBackend, type Watched } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { spread } from "./statistics.js";

const PAYLOAD_BYTES = 25;
const FRAME_BYTES = 4 + PAYLOAD_BYTES;
const CONNECTIONS = 10;
const RUNS = 15;
const MESSAGES_PER_RUN = process.argv.includes("--short") ? 100_000 : 1_000_000;
const READABLE = 1;

const [depthArgument = "64", readyArgument = "1"] = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("--"));
const depth = expectCount("depth", depthArgument, 2_000);
const readyAtOnce = expectCount("connections", readyArgument, CONNECTIONS);

function expectCount(name: string, argument: string, most: number): number {
  const count = Number(argument);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  console.error(`user-space: expected ${name} from 1 to ${most}, got ${argument}`);
  process.exit(2);
}

/** Reports so many connections, one after the other, and stops the loop after so many turns. */
class AlwaysReady implements WaitingBackend {
  readonly name = "always ready";
  readonly style = "waiting";
  readonly descriptor = null;
  readonly nests = false;
  turnsLeft = 0;
  readonly #watched: Watched[] = [];
  #next = 0;

  add(watched: Watched): void {
    this.#watched.push(watched);
  }
  modify(): void {}
  remove(): void {}
  wait(_timeoutMs: number, ready: ReadyList): void {
    if (this.turnsLeft-- === 0) return loop.stop();
    for (let count = 0; count < readyAtOnce; count++) {
      this.#next = (this.#next + 1) % this.#watched.length;
      ready.push(this.#watched[this.#next]!, READABLE);
    }
  }
  park(): void {}
  close(): void {}
}

const backend = new AlwaysReady();
const loop = new EventLoop({ backend });

function connect(): void {
  const socket = Socket.open("tcp");
  socket.recvInto = ({ bytes }) => {
    for (let index = 0; index < depth; index++) bytes[index * FRAME_BYTES + 3] = PAYLOAD_BYTES;
    return depth * FRAME_BYTES;
  };
  socket.sendFrom = (_memory, _offset, length) => length;
  socket.sendGathered = () => depth * FRAME_BYTES;
  const borrow = !process.argv.includes("--copy");
  const connection = new MessageConnection(loop.stream(socket), { borrow }, { timers: loop.timers });
  if (borrow && !process.argv.includes("--borrow")) {
    connection.onSlice = (bytes, start, end) => {
      if (!connection.sendSlice(bytes, start, end)) connection.pause();
    };
    return;
  }
  connection.onMessage = (message) => {
    if (!connection.send(message)) connection.pause();
  };
}

function nanosecondsPerMessage(): number {
  const inTurn = depth * readyAtOnce;
  const turns = Math.ceil(MESSAGES_PER_RUN / inTurn);
  backend.turnsLeft = turns;
  const before = process.cpuUsage();
  loop.runSync();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (turns * inTurn);
}

for (let index = 0; index < CONNECTIONS; index++) connect();
// From a callback of Node's: as the continuation of a promise, no other would run meanwhile.
setImmediate(() => {
  for (let run = 0; run < 3; run++) nanosecondsPerMessage();
  const { lower, median } = spread(Array.from({ length: RUNS }, nanosecondsPerMessage));
  const what = `${depth} on each of ${readyAtOnce} connections in a turn`;
  console.log(`${lower.toFixed(0)} ns a message (median ${median.toFixed(0)}), ${what}`);
  process.exit();
});
