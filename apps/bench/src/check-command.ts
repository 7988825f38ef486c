import { writeFileSync } from "node:fs";
import { CASES } from "./cases.js";
import { BenchError } from "./errors.js";
import { describeMachine, formatMachine, requireLinux } from "./machine.js";
import { choosePeers } from "./peers.js";
import { chooseGenerator, findPrograms } from "./programs.js";
import { compareWithRecorded, type Ratios, type Recorded, readRecorded, recordedFile } from "./recorded.js";
import { runCase, tryPeers } from "./run-cases.js";

/** The short form: what users feel first, on the backends that exist everywhere on Linux. */
const CHECKED_CASES = ["echo", "echo-10", "pipelined"];
const CHECKED_PEERS = ["c-epoll", "p2pnet-epoll", "p2pnet-libuv"];

export interface CheckOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  /** Writes the recorded file anew. */
  readonly record?: boolean;
  /** Says what is slower and ends with exit code 0 all the same. */
  readonly warn?: boolean;
}

/** Compares the CPU time per message, as a ratio to C, with the recorded ratio. Throws `ERR_SLOWER`. */
export async function checkCommand({ rounds, seconds, warmup, record, warn }: CheckOptions): Promise<void> {
  requireLinux();
  const programs = await findPrograms(CHECKED_PEERS);
  if ("missing" in programs.epollEcho) throw new BenchError("ERR_NO_COMPILER", programs.epollEcho.missing);
  const options = { generator: chooseGenerator(programs.load, "c"), seconds, warmupSeconds: warmup };
  const { ready } = await tryPeers(choosePeers(CHECKED_PEERS, programs));
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
  const { lines, slower } = compareWithRecorded(measured, recorded);
  console.log(`CPU time per message as a ratio to C, lower quartile of ${rounds} rounds`);
  console.log(`recorded on: ${recorded.machine}\nnow on:      ${machine}`);
  for (const line of lines) console.log(line);
  if (slower.length === 0) return;
  const message = `${slower.join(", ")}: more than ${recorded.margin * 100} % above the recorded ratio`;
  if (!warn) throw new BenchError("ERR_SLOWER", message);
  console.log(`warning: ${message}`);
}
