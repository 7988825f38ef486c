/**
 * The load generator for machines without a C compiler: our own connections on epoll. Arguments, gates and result are
 * those of c/load/main.c.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { EventLoop } from "@p2pnet/event-loop";
import { parseLoadArguments } from "./arguments.js";
import { broadcastWorkload } from "./broadcast.js";
import { churnWorkload } from "./churn.js";
import { greet, type LoadContext, open } from "./context.js";
import { echoWorkload } from "./echo.js";
import { Histogram } from "./histogram.js";
import { Pattern } from "./pattern.js";

/** Idle connections that are established together, so that no server's backlog is too short. */
const WAVE = 256;
/** Milliseconds of silence that count as an error. */
const STALL_MS = 10_000;

const options = parseLoadArguments(process.argv.slice(2));
const latencies = new Histogram();
const context: LoadContext = {
  options,
  loop: new EventLoop({ backend: "epoll", autoRun: true, onUncaught: (error) => fail(error as Error) }),
  pattern: new Pattern(options.payloadBytes),
  latencies,
  fail,
  counting: false,
};

function fail(error: Error): void {
  console.error(`load: ${error.message}`);
  process.exit(1);
}

process.on("uncaughtException", fail);
const workload = { echo: echoWorkload, broadcast: broadcastWorkload, churn: churnWorkload }[options.workload](context);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function passGate(word: string): Promise<void> {
  if (!options.gate) return;
  console.log(word);
  if ((await answers.next()).done) process.exit(1);
}

async function openIdleConnections(count: number): Promise<void> {
  for (let start = 0; start < count; start += WAVE) {
    const end = Math.min(start + WAVE, count);
    const indexes = Array.from({ length: end - start }, (_, i) => start + i);
    const wave = await Promise.all(indexes.map((index) => open(context, index)));
    // A message on the last one shows that the server has accepted the whole wave.
    const greeted = options.greet ? wave : wave.slice(-1);
    await Promise.all(greeted.map((connection, i) => greet(context, connection, options.greet ? start + i : end - 1)));
  }
}

/** Nanoseconds in which this thread ran or stood in the queue of a processor: proc_pid_schedstat(5). */
function busyNs(): number {
  const [ran, waited] = readFileSync("/proc/self/schedstat", "utf8").split(" ");
  return Number(ran) + Number(waited);
}

/** Runs a period that must not fall silent. */
async function run(seconds: number): Promise<number> {
  const stall = setTimeout(() => fail(new Error("answers missing")), seconds * 1000 + STALL_MS);
  try {
    return await workload.run(seconds);
  } finally {
    clearTimeout(stall);
  }
}

await workload.prepare();
if (options.warmupSeconds > 0) await run(options.warmupSeconds);
// What the server had to spare is taken up by the first of them; the growth from there on belongs to the others.
const first = Math.floor(options.idle / 3);
await openIdleConnections(first);
await passGate("settled");
await openIdleConnections(options.idle - first);
await passGate("ready");
context.counting = true;
const before = busyNs();
const took = await run(options.seconds);
const busy = (busyNs() - before) / took;
await passGate("done");
const micros = (share: number): number => latencies.percentile(share) / 1000;
const latencyUs = { p50: micros(0.5), p99: micros(0.99), p999: micros(0.999) };
console.log(JSON.stringify({ messages: latencies.total, seconds: took / 1e9, latencyUs, busy, errors: 0 }));
process.exit(0);
