import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * A network that nobody else is in: the loopback, and `left` and `right`, joined by a cable. `left` is 192.0.2.1/24 and
 * fe80::1, `right` fe80::2.
 */
const setUp = `set -e
ip link set lo up
ip link add left type veth peer name right
ip address add 192.0.2.1/24 dev left
ip address add fe80::1/64 dev left nodad
ip address add fe80::2/64 dev right nodad
ip link set left up
ip link set right up
exec "$@"`;

function runWithin(...command: string[]): ReturnType<typeof spawnSync> {
  // Whatever runs the tests may lead Node to packages that a user would not have.
  const env = { ...process.env, NODE_PATH: "", NODE_OPTIONS: "" };
  const options = { encoding: "utf8", env, timeout: 20_000, killSignal: "SIGKILL" } as const;
  return spawnSync("unshare", ["--net", "sh", "-c", setUp, "sh", ...command], options);
}

/** Why there can be no own network, or null. It takes root, and the commands `unshare` and `ip`. */
export const noOwnNetwork: string | null = ((): string | null => {
  const { status, stderr, error } = runWithin("true");
  if (status === 0) return null;
  return `no network of its own: ${error?.message ?? `${stderr}`.trim().split("\n")[0]}`;
})();

/** Runs a program of the folder `programs` in a network of its own, and gives what it prints as JSON. */
export function inOwnNetwork(program: string): unknown {
  const file = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
  const run = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  const { status, signal, stdout, stderr, error } = runWithin(process.execPath, ...run, file);
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program}: expected it to exit with 0, got ${signal ?? status}\n${stderr}`);
  return JSON.parse(`${stdout}`);
}
