import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";
import { notAllEchoed } from "./node-matrix.mjs";

/** The README's first command as a stranger types it: a fresh clone, an empty home, only Node and npm. Then once more. */
export async function npmStart(stage) {
  const folder = mkdtempSync(join(tmpdir(), "p2pnet-start-"));
  try {
    const home = join(folder, "home");
    const clone = join(folder, "clone");
    mkdirSync(home);
    const cloned = await run("git", ["clone", "--quiet", root, clone]);
    if (cloned.failure !== null) throw new Error(`${cloned.failure}\n${cloned.output}`);

    for (const state of ["cold", "warm"]) {
      const start = performance.now();
      const { failure, output } = await run("npm", ["start"], {
        cwd: clone,
        env: strangersEnv(home),
        limitMs: 300_000,
      });
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      stage.check(`npm start, ${state}: ${seconds} s`, failure ?? notAllEchoed(output), output);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * This environment less what configures npm, pnpm, turbo or Node, with `home` as home, and no pnpm in PATH, unless it stands
 * beside npm itself.
 */
function strangersEnv(home) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(CI|NODE_OPTIONS|NODE_V|(npm|pnpm|turbo|xdg)_.*)$/i.test(name),
  );
  const has = (folder, name) => existsSync(join(folder, name));
  const isOfPnpm = (folder) => (has(folder, "pnpm") || has(folder, "pnpx")) && !has(folder, "npm");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !isOfPnpm(folder));
  return { ...Object.fromEntries(kept), HOME: home, PATH: path.join(delimiter), TURBO_TELEMETRY_DISABLED: "1" };
}
