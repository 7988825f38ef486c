import type { AbuseCase } from "./abuse-case.js";
import { CASES } from "./cases/index.js";
import { Child } from "./child.js";
import { machine } from "./machine.js";
import { requireProc } from "./process-readings.js";
import { record } from "./reliability-page.js";
import { runCase } from "./run-case.js";
import { sizeOf } from "./size.js";
import type { SubjectSetup } from "./subject/setup.js";
import { formatMarkdown, formatTable } from "./table.js";
import { judge, summaryOf, type Verdict } from "./verdict.js";

export interface RunOptions {
  readonly case?: readonly string[];
  readonly list?: boolean;
  readonly quick?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly record?: boolean;
}

/** The server that nobody abuses. */
const CALM: SubjectSetup = { kind: "node-net", behaviour: "echo", limits: {}, sends: 0 };

/** Runs the cases, each against ours and then against `node:net`, and says what came of it. */
export async function runCommand(options: RunOptions): Promise<void> {
  const chosen = CASES.filter(({ name }) => options.case?.includes(name) ?? true);
  if (options.list) {
    for (const { name, abuse } of chosen) console.log(`${name}: ${abuse}`);
    return;
  }
  requireProc();
  const verdicts: Verdict[] = [];
  const calm = await Child.start("subject/main", CALM);
  try {
    for (const abuse of chosen) verdicts.push(await runOne(abuse, options.quick ?? false, calm.ready as number));
  } finally {
    await calm.stop();
  }

  const summary = summaryOf(verdicts);
  if (options.record) record("abuse", `Measured with ${machine()}.\n\n${formatMarkdown(verdicts)}\n\n${summary}`);
  if (options.json) console.log(JSON.stringify({ machine: machine(), cases: verdicts }));
  else console.log(`${options.markdown ? formatMarkdown(verdicts) : formatTable(verdicts)}\n${summary}`);
  if (verdicts.some(({ passed }) => !passed)) process.exitCode = 1;
}

async function runOne(abuse: AbuseCase, quick: boolean, calmPort: number): Promise<Verdict> {
  const size = sizeOf(abuse, quick);
  const start = performance.now();
  const ours = await runCase(abuse, "p2pnet", size.size, calmPort);
  const other = await runCase(abuse, "node-net", size.size, calmPort);
  const verdict = judge(abuse, size, ours, other);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const note = size.scaledDown === null ? "" : `, scaled down to ${size.scaledDown}`;
  console.error(`${verdict.passed ? "ok    " : "FAILED"}  ${abuse.name}: ${seconds} s${note}`);
  return verdict;
}
