import { writeFileSync } from "node:fs";
import { BASELINE } from "./baseline.js";
import { chooseCases } from "./cases.js";
import { curveOf, formatCurve } from "./curve.js";
import type { Generator } from "./load-generator.js";
import { describeMachine, formatMachine, requireLinux } from "./machine.js";
import { choosePeers, PEER_NAMES } from "./peers.js";
import { writeCharts } from "./plot/write-charts.js";
import { chooseGenerator, findPrograms } from "./programs.js";
import { type CaseReport, formatCase } from "./report.js";
import { runCase, tryPeers } from "./run-cases.js";

export interface RunOptions {
  /** Case names; all when absent. */
  readonly case?: readonly string[];
  /** Peer names; all when absent. The baseline takes part in any case. */
  readonly peer?: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  /** The C one where there is a compiler, when absent. */
  readonly generator?: Generator["name"];
  /** A file, or true for stdout in place of the tables. */
  readonly json?: string | true;
  /** A folder for charts. */
  readonly plot?: string;
}

/** Measures the chosen peers in the chosen cases and prints a report on stdout. */
export async function runCommand(options: RunOptions): Promise<void> {
  requireLinux();
  const { rounds, seconds, warmup } = options;
  const cases = chooseCases(options.case);
  const asked = options.peer ?? PEER_NAMES;
  const wanted = PEER_NAMES.filter((name) =>
    cases.some(({ peers, baseline }) => name === baseline || (peers.test(name) && asked.includes(name))),
  );
  const programs = await findPrograms(wanted);
  const generator = chooseGenerator(programs.load, options.generator);
  const machine = describeMachine(programs.compiler);
  const print = (text: string): void => {
    if (options.json !== true) console.log(`${text}\n`);
  };
  print(`${formatMachine(machine)}, load generator: ${generator.name}`);

  const { ready, skipped } = await tryPeers(choosePeers(wanted, programs));
  const reports: CaseReport[] = [];
  for (const benchCase of cases) {
    const report = await runCase(benchCase, ready, rounds, { generator, seconds, warmupSeconds: warmup });
    const missing = skipped.filter(({ name }) => benchCase.peers.test(name));
    reports.push({ ...report, skipped: [...missing, ...report.skipped] });
    print(formatCase(reports.at(-1)!, rounds));
  }
  if (curveOf(reports).length > 1) print(formatCurve(reports));

  const report = { machine, generator: generator.name, rounds, seconds, warmup, baseline: BASELINE, cases: reports };
  if (options.json === true) console.log(JSON.stringify(report));
  else if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.plot !== undefined)
    for (const file of writeCharts(options.plot, reports)) console.error(`bench: wrote ${file}`);
}
