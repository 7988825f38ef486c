import { run } from "./command.mjs";
import { root } from "./suites.mjs";

/** Builds what is not built. @throws Error with what the build said */
export async function buildAll() {
  const args = ["-y", "pnpm@10.34.9", "-s", "run", "build:quiet"];
  const { failure, output } = await run("npx", args, { cwd: root, limitMs: 300_000 });
  if (failure !== null) throw new Error(`${failure}\n${output}`);
}
