import type { BenchCase } from "./cases.js";
import { type CpuTime, cpuTimeBetween, readCpuTime } from "./cpu-time.js";
import { BenchError } from "./errors.js";
import { type Generator, runLoad } from "./load-generator.js";
import { type Peer, serverMode } from "./peers.js";
import { sealedGenerator } from "./programs.js";
import { readResidentBytes } from "./resident-memory.js";
import type { Sample } from "./sample.js";
import { startServer } from "./server-process.js";

export interface MeasureOptions {
  readonly generator: Generator;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** Starts the peer, warms it up, measures it over one period and stops it. */
export async function measure(peer: Peer, benchCase: BenchCase, options: MeasureOptions): Promise<Sample> {
  const server = await startServer(peer, serverMode(benchCase));
  try {
    let before: CpuTime = new Map();
    let after: CpuTime = new Map();
    let settledBytes = 0;
    let readyBytes = 0;
    let residentBytes = 0;
    const result = await runLoad(benchCase, {
      ...options,
      generator: peer.clients === undefined ? options.generator : sealedGenerator(peer.clients),
      warmupSeconds: benchCase.warmUp ? options.warmupSeconds : 0,
      port: server.port,
      onSettled: () => {
        settledBytes = readResidentBytes(server.pid);
      },
      onReady: () => {
        readyBytes = readResidentBytes(server.pid);
        before = readCpuTime(server.pid);
      },
      onDone: () => {
        after = readCpuTime(server.pid);
        residentBytes = readResidentBytes(server.pid);
      },
    });
    return {
      messagesPerSecond: result.messages / result.seconds,
      cpuMicros: cpuTimeBetween(before, after) / result.messages / 1000,
      p50Micros: result.latencyUs.p50,
      p99Micros: result.latencyUs.p99,
      p999Micros: result.latencyUs.p999,
      residentBytes,
      idleBytes: benchCase.idle === 0 ? 0 : (readyBytes - settledBytes) / countedIdle(benchCase.idle),
      generatorBusy: result.busy,
    };
  } catch (error) {
    throw error instanceof BenchError ? new BenchError(error.code, `${peer.name}: ${error.message}`) : error;
  } finally {
    await server.stop();
  }
}

/** The first third of the idle connections takes up what the server had to spare; see c/load/main.c. */
function countedIdle(idle: number): number {
  return idle - Math.floor(idle / 3);
}
