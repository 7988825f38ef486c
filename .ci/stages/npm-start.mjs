import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";
import { notAllEchoed } from "./node-matrix.mjs";

/**
 * A line of the table that counts the echoes: the first output from which it can be told that one has come back. It is printed
 * after the last of them, milliseconds after the first.
 */
const ECHOED = /Messages received/;

/** The README's first command as a stranger types it: a fresh clone, an empty home, only Node and npm. Then once more. */
export async function npmStart(stage) {
  const folder = mkdtempSync(join(tmpdir(), "p2pnet-start-"));
  try {
    const home = join(folder, "home");
    const clone = join(folder, "clone");
    mkdirSync(home);
    const env = strangersEnv(home);

    const clonedFrom = performance.now();
    const cloned = await run("git", ["clone", "--quiet", root, clone], { env });
    if (cloned.failure !== null) throw new Error(`${cloned.failure}\n${cloned.output}`);

    await start(stage, { clone, env, title: "from git clone in an empty home", since: clonedFrom });
    await start(stage, { clone, env, title: "once more", since: performance.now() });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `npm start`, with the seconds `since` then until the first echo has been told, and until it has ended. */
async function start(stage, { clone, env, title, since }) {
  const seconds = () => `${((performance.now() - since) / 1000).toFixed(1)} s`;
  let printed = "";
  let echoedAfter = null;
  const onOutput = (text) => {
    printed += text;
    if (echoedAfter === null && ECHOED.test(printed)) echoedAfter = seconds();
  };
  const { failure, output } = await run("npm", ["start"], { cwd: clone, env, limitMs: 300_000, onOutput });
  const times = `first echo told after ${echoedAfter ?? "no time"}, ended after ${seconds()}`;
  stage.check(`npm start, ${title}: ${times}`, failure ?? notAllEchoed(output), output);
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
