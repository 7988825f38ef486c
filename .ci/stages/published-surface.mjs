import { join } from "node:path";
import { run } from "../../scripts/command.mjs";
import { root } from "../../scripts/suites.mjs";

/** What users see of the packages is written down as it is, and nothing lies about that nobody uses. */
export async function publishedSurface(stage) {
  const checks = [
    { name: "packages/*/etc record the exports", args: [join(root, "scripts", "api-record.mjs"), "--check"] },
    { name: "docs/api is the reference, no link broken", args: [join(root, "scripts", "api-docs.mjs"), "--check"] },
    { name: "knip", args: [join(root, "node_modules", "knip", "bin", "knip.js")] },
  ];
  for (const { name, args } of checks) {
    const { failure, output } = await run(process.execPath, args, { cwd: root, limitMs: 180_000 });
    stage.check(name, failure, output);
  }
  await audit(stage);
}

/** Known faults of what users install. A registry without that endpoint is skipped by name. */
async function audit(stage) {
  const args = ["-y", "pnpm@10.34.9", "audit", "--prod", "--audit-level", "high"];
  const { failure, output } = await run("npx", args, { cwd: root });
  if (/ERR_PNPM_AUDIT_(BAD_RESPONSE|ENDPOINT_NOT_EXISTS)/.test(output)) {
    stage.leaveOut("pnpm audit: the registry in use has no audit endpoint");
  } else {
    stage.check("pnpm audit", failure, output);
  }
}
