import { readdirSync, readFileSync } from "node:fs";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** What git sees that is not committed: nothing, on a clean checkout. */
export async function treeState() {
  return (await run("git", ["status", "--porcelain", "--untracked-files=all"])).stdout;
}

/** Nothing that the stages made or started is left, and nothing is tracked that git is told to ignore. */
export async function cleanTree(stage, before) {
  const after = await treeState();
  stage.check("the working tree is as it was", after === before ? null : `expected:\n${before}\ngot:\n${after}`);

  const tracked = await run("git", ["ls-files", "--cached", "--ignored", "--exclude-standard"]);
  const generated = tracked.stdout === "" ? tracked.failure : `expected none, got:\n${tracked.stdout}`;
  stage.check("nothing generated is tracked", generated);

  const left = programsLeft();
  stage.check("no program is left running", left.length === 0 ? null : `expected none, got:\n${left.join("\n")}`);
}

/** Command lines of other programs that were started from a file of this checkout. */
function programsLeft() {
  const own = [process.pid, process.ppid].map(String);
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && !own.includes(entry))
    .map(commandLine)
    .filter((line) => line.includes(`${root}/`));
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // It has ended meanwhile.
  }
}
