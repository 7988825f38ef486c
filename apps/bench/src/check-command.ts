import { writeFileSync } from "node:fs";
import { CASES } from "./cases.js";
import { BenchError } from "./errors.js";
import { describeMachine, formatMachine, requireLinux } from "./machine.js";
import { choosePeers } from "./peers.js";
import { chooseGenerator, findPrograms } from "./programs.js";
import { compareWithRecorded, type Ratios, type Recorded, readRecorded, recordedFile } from "./recorded.js";
import type { SkippedPeer } from "./report.js";
import { runCase, tryPeers } from "./run-cases.js";

/** The short form: what users feel first, on the backends of Linux. */
const CHECKED_CASES = ["echo", "echo-10", "pipelined"];
const CHECKED_PEERS = ["c-epoll", "p2pnet-epoll", "p2pnet-libuv", "p2pnet-io_uring"];
/** A sandbox may forbid it; whatever else does not start fails the guard. */
const MAY_LACK = "p2pnet-io_uring";

export interface CheckOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  /** Writes the recorded file anew. */
  readonly record?: boolean;
  /** Says what is slower and ends with exit code 0 all the same. */
  readonly warn?: boolean;
}

/** @throws BenchError `ERR_NOT_MEASURED` if a server was skipped that runs on every Linux */
export function expectGuarded(skipped: readonly SkippedPeer[]): void {
  for (const { name, reason } of skipped) {
    if (name !== MAY_LACK) throw new BenchError("ERR_NOT_MEASURED", `${name}: expected it to start, got ${reason}`);
  }
}

/**
 * Compares the CPU time per message, as a ratio to C, with the recorded ratio.
 *
 * @throws BenchError `ERR_SLOWER`; also with `warn` `ERR_NO_COMPILER`, and `ERR_NOT_MEASURED` or `ERR_SERVER` where a server does not run
 */
export async function checkCommand({ rounds, seconds, warmup, record, warn }: CheckOptions): Promise<void> {
  requireLinux();
  const programs = await findPrograms(CHECKED_PEERS);
  if ("missing" in programs.epollEcho) throw new BenchError("ERR_NO_COMPILER", programs.epollEcho.missing);
  const options = { generator: chooseGenerator(programs.load, "c"), seconds, warmupSeconds: warmup };
  const { ready, skipped } = await tryPeers(choosePeers(CHECKED_PEERS, programs));
  expectGuarded(skipped);
  const measured: Ratios = {};
  for (const benchCase of CASES.filter(({ name }) => CHECKED_CASES.includes(name))) {
    const { peers } = await runCase(benchCase, ready, rounds, options);
    const others = peers.filter(({ name }) => name.startsWith("p2pnet-"));
    measured[benchCase.name] = Object.fromEntries(
      others.map(({ name, ratios }) => [name, Number(ratios!.cpuMicros!.lower.toFixed(2))]),
    );
  }

  const machine = formatMachine(describeMachine(programs.compiler));
  if (record) {
    const recorded: Recorded = { machine, margin: 0.3, ratios: measured };
    writeFileSync(recordedFile, `${JSON.stringify(recorded, null, 2)}\n`);
    console.log(`recorded on ${machine}`);
    return;
  }
  const recorded = readRecorded();
  const reasons = new Map(skipped.map(({ name, reason }) => [name, reason]));
  const { lines, slower, missing } = compareWithRecorded(measured, recorded, reasons);
  console.log(`CPU time per message as a ratio to C, lower quartile of ${rounds} rounds`);
  console.log(`recorded on: ${recorded.machine}\nnow on:      ${machine}`);
  for (const line of lines) console.log(line);
  if (missing.length > 0) throw new BenchError("ERR_NOT_MEASURED", `${missing.join(", ")}: recorded, but not measured`);
  if (slower.length === 0) return;
  const message = `${slower.join(", ")}: more than ${recorded.margin * 100} % above the recorded ratio`;
  if (!warn) throw new BenchError("ERR_SLOWER", message);
  console.log(`warning: ${message}`);
}
