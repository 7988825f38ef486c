import type { BenchCase } from "./cases.js";
import { type CpuTime, cpuTimeBetween, readCpuTime } from "./cpu-time.js";
import { BenchError } from "./errors.js";
import { runLoad } from "./load-generator.js";
import type { Peer } from "./peers.js";
import { readResidentBytes } from "./resident-memory.js";
import { startServer } from "./server-process.js";

/** What one round of one peer gave. */
export interface Sample {
  readonly messagesPerSecond: number;
  /** Microseconds of CPU time of the whole server process, all its threads, for each message echoed. */
  readonly cpuMicros: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly p999Micros: number;
  /** Memory of the server at the end of the measured period. */
  readonly residentBytes: number;
  /** Share of the period in which the load generator ran or waited for a processor. */
  readonly generatorBusy: number;
}

export interface MeasureOptions {
  readonly load: string;
  readonly seconds: number;
  readonly warmupSeconds: number;
}

/** Starts the peer, warms it up, measures it over one period and stops it. */
export async function measure(peer: Peer, benchCase: BenchCase, options: MeasureOptions): Promise<Sample> {
  const server = await startServer(peer);
  try {
    let before: CpuTime = new Map();
    let after: CpuTime = new Map();
    let residentBytes = 0;
    const result = await runLoad(benchCase, {
      program: options.load,
      port: server.port,
      seconds: options.seconds,
      warmupSeconds: options.warmupSeconds,
      onStart: () => {
        before = readCpuTime(server.pid);
      },
      onEnd: () => {
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
      generatorBusy: result.busy,
    };
  } catch (error) {
    throw error instanceof BenchError ? new BenchError(error.code, `${peer.name}: ${error.message}`) : error;
  } finally {
    await server.stop();
  }
}
