import { run } from "../../scripts/command.mjs";

/** What compiles the C probe of packages/sys, a browser, and the Debian packages that carry them. */
const needed = [
  { program: "cc", packages: ["gcc", "libc6-dev"] },
  { program: "aarch64-linux-gnu-gcc", packages: ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"] },
  { program: "x86_64-w64-mingw32-gcc", packages: ["gcc-mingw-w64-x86-64"] },
  { program: "chromium", packages: ["chromium"], purpose: "pages that programs write or serve" },
];

/** Installs what is missing. One that cannot be had is skipped here, and by the tests that need it. */
export async function compilers(stage) {
  const missing = await without(needed);
  if (missing.length > 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) => run("apt-get", ["-o", "DPkg::Lock::Timeout=60", ...args], { env, limitMs: 300_000 });
    await apt("update");
    for (const { packages } of missing) await apt("install", "-y", "--no-install-recommends", ...packages);
  }
  const still = await without(needed);
  for (const entry of needed) {
    if (still.includes(entry))
      stage.omit(`${entry.purpose ?? "C probe"} with ${entry.program}, which could not be installed`);
    else console.log(`  found   ${entry.program}`);
  }
}

async function without(entries) {
  const found = await Promise.all(entries.map(({ program }) => run(program, ["--version"])));
  return entries.filter((_, index) => found[index].failure !== null);
}
