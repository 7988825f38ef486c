import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { run } from "./command.mjs";
import { cache } from "./npm-program.mjs";

/** Written when Wine has made the prefix and a program has run in it. */
const READY = "p2pnet-ready";

/**
 * Wine, with a prefix of its own in the cache, in which one server stays running for all programs until `stop`.
 *
 * @typedef {object} Wine
 * @property {string} version such as "wine-8.0 (Debian 8.0~repack-4)"
 * @property {string} program
 * @property {NodeJS.ProcessEnv} env
 * @property {() => Promise<void>} stop ends every program in the prefix
 */

/**
 * Finds Wine, or installs it with apt-get where that is allowed, and starts it.
 *
 * @returns {Promise<Wine | { missing: string }>} `missing` says why it cannot be had
 */
export async function startWine() {
  const program = find() ?? ((await install()) ? find() : null);
  if (program === null) return { missing: "Wine is not there, and could not be installed with apt-get as root" };

  const prefix = join(cache, "wine");
  const env = {
    WINEPREFIX: prefix,
    WINEDEBUG: "-all",
    // Nobody looks at a screen, and no program needs .NET or a browser.
    DISPLAY: "",
    WINEDLLOVERRIDES: "mscoree,mshtml=",
  };
  const release = lock(join(cache, "wine.lock"));
  const wine = (...args) =>
    run(program, args, { env: { ...process.env, ...env }, outputFile: join(cache, "wine.output") });
  const server = (flag) => run(serverOf(program), [flag], { env: { ...process.env, ...env }, outputFile: "/dev/null" });
  const stop = async () => {
    await server("-k");
    killRest(prefix);
    release();
  };
  try {
    if (!existsSync(join(prefix, READY))) await makePrefix(prefix, wine, server);
    await server("-p");
    const { stdout } = await run(program, ["--version"]);
    return { version: stdout.trim(), program, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As Debian has it, or in PATH. */
function find() {
  const folders = ["/usr/lib/wine", ...(process.env.PATH ?? "").split(delimiter)];
  return folders.map((folder) => join(folder, "wine64")).find((path) => existsSync(path)) ?? null;
}

function serverOf(program) {
  const folder = dirname(program);
  return [join(folder, "wineserver64"), join(folder, "wineserver")].find((path) => existsSync(path)) ?? "wineserver";
}

async function install() {
  if (process.getuid?.() !== 0 || (await run("apt-get", ["--version"])).failure !== null) return false;
  console.log("installing wine64");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...args) => run("apt-get", ["-o", "DPkg::Lock::Timeout=60", ...args], { env, limitMs: 240_000 });
  await apt("update");
  return (await apt("install", "-y", "--no-install-recommends", "wine64")).failure === null;
}

/** Says Windows 10, as Node wants no older one. */
async function makePrefix(prefix, wine, server) {
  rmSync(prefix, { recursive: true, force: true });
  mkdirSync(prefix, { recursive: true });
  await wine("wineboot", "--init");
  const key = ["HKCU\\Software\\Wine", "/v", "Version", "/d", "win10", "/f"];
  const { failure, output } = await wine("reg", "add", ...key);
  if (failure !== null) throw new Error(`wine: expected it to make its prefix, got ${failure}\n${output}`);
  // What was set counts from the server's next start.
  await server("-k");
  writeFileSync(join(prefix, READY), "");
}

/** A server whose clients were killed while they polled may stay for ever, and its services with it. */
function killRest(prefix) {
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      const isWine = /wine[^/]*$/.test(readlinkSync(`/proc/${pid}/exe`));
      if (isWine && environment.includes(`WINEPREFIX=${prefix}`)) process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended meanwhile, or is somebody else's.
    }
  }
}

/** One run at a time: `stop` would end the programs of another. Returns what lets go. */
function lock(file) {
  mkdirSync(dirname(file), { recursive: true });
  const holder = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (holder > 0 && existsSync(`/proc/${holder}`))
    throw new Error(`wine: expected no other run, got process ${holder}`);
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}
