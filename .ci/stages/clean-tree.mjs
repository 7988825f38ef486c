import { run } from "../../scripts/command.mjs";

/** What git sees that is not committed: nothing, on a clean checkout. */
export async function treeState() {
  return (await run("git", ["status", "--porcelain", "--untracked-files=all"])).stdout;
}

/** Nothing that the stages made is left where git sees it, and nothing is tracked that git is told to ignore. */
export async function cleanTree(stage, before) {
  const after = await treeState();
  stage.check("the working tree is as it was", after === before ? null : `expected:\n${before}\ngot:\n${after}`);
  const tracked = await run("git", ["ls-files", "--cached", "--ignored", "--exclude-standard"]);
  const failure = tracked.stdout === "" ? tracked.failure : `expected none, got:\n${tracked.stdout}`;
  stage.check("nothing generated is tracked", failure);
}
