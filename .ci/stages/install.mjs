import { run } from "../../scripts/command.mjs";

/** The lockfile's packages, first of all: an automatic install that fails later would not stop the script it serves. */
export async function install(stage) {
  const args = ["-y", "pnpm@10.34.9", "install", "--frozen-lockfile"];
  const { failure, output } = await run("npx", args, { limitMs: 300_000 });
  stage.check("pnpm install --frozen-lockfile", failure, output);
}
