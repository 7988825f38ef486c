import { npmProgram } from "./npm-program.mjs";

const ARCH = { x64: ["x64", "x64"], arm64: ["aarch64", "arm64"] }[process.arch];

/**
 * Runtimes other than Node, from the npm packages that carry their programs.
 *
 * @type {Wanted[]}
 * @typedef {{ name: string, version: string, arguments: string[], env: Record<string, string>, package: string, file: string }} Wanted
 */
const wanted = [
  {
    name: "Bun",
    version: "1.4.5",
    arguments: [],
    // As many threads wait as loops are parked: by default Bun has one for each core.
    env: { UV_THREADPOOL_SIZE: "16", DO_NOT_TRACK: "1" },
    package: `@oven/bun-linux-${ARCH?.[0]}`,
    file: "bin/bun",
  },
  {
    name: "Deno",
    version: "2.9.6",
    arguments: ["run", "--allow-all", "--quiet"],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    package: `@deno/linux-${ARCH?.[1]}-glibc`,
    file: "deno",
  },
];

/**
 * Fetches the runtimes for this machine.
 *
 * @returns {Promise<({ name: string, version: string } & ({ command: string[], env: Record<string, string> } | { missing: string }))[]>}
 */
export async function runtimes() {
  const found = [{ name: "Node", version: process.versions.node, env: {}, command: [process.execPath] }];
  for (const { name, version, arguments: given, env, package: carrier, file } of wanted) {
    found.push({
      name,
      version,
      env,
      ...(await program({ kind: name.toLowerCase(), name: carrier, version, file }, given)),
    });
  }
  return found;
}

async function program(from, given) {
  if (process.platform !== "linux" || ARCH === undefined) {
    return { missing: `expected Linux on x64 or arm64, got ${process.platform} on ${process.arch}` };
  }
  const { path, missing } = await npmProgram(from);
  return missing === undefined ? { command: [path, ...given] } : { missing };
}
