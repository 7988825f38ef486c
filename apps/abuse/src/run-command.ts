import type { AbuseCase } from "./abuse-case.js";
import { CASES } from "./cases/index.js";
import { machine } from "./machine.js";
import { requireProc } from "./process-readings.js";
import { record } from "./reliability-page.js";
import { runCase } from "./run-case.js";
import { sizeOf } from "./size.js";
import { formatMarkdown, formatTable } from "./table.js";
import { judge, type Verdict } from "./verdict.js";

export interface RunOptions {
  readonly case?: readonly string[];
  readonly list?: boolean;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly record?: boolean;
}

/** Runs the cases, each against ours and then against `node:net`, and says what came of it. */
export async function runCommand(options: RunOptions): Promise<void> {
  const chosen = CASES.filter(({ name }) => options.case?.includes(name) ?? true);
  if (options.list) {
    for (const { name, abuse } of chosen) console.log(`${name}: ${abuse}`);
    return;
  }
  requireProc();
  const verdicts: Verdict[] = [];
  for (const abuse of chosen) verdicts.push(await runOne(abuse, options.quick ?? false));

  const failed = verdicts.filter(({ passed }) => !passed).length;
  const summary = `${verdicts.length - failed} passed, ${failed} failed, 0 skipped`;
  if (options.record) record("abuse", `Measured with ${machine()}.\n\n${formatMarkdown(verdicts)}\n\n${summary}`);
  if (options.json) console.log(JSON.stringify({ machine: machine(), cases: verdicts }));
  else console.log(`${options.markdown ? formatMarkdown(verdicts) : formatTable(verdicts)}\n${summary}`);
  if (failed > 0) process.exitCode = 1;
}

async function runOne(abuse: AbuseCase, quick: boolean): Promise<Verdict> {
  const { size, note } = sizeOf(abuse, quick);
  const start = performance.now();
  const ours = await runCase(abuse, "p2pnet", size);
  const other = await runCase(abuse, "node-net", size);
  const verdict = judge(abuse, size, ours, other);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.error(`${verdict.passed ? "ok    " : "FAILED"}  ${abuse.name}: ${seconds} s${note}`);
  return verdict;
}
