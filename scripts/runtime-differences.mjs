/**
 * What tests ask of Node itself that another runtime does otherwise: they are left out there, by name.
 *
 * @param {string} runtime
 * @returns {import("./portable-suites.mjs").LeftOut[]}
 */
export function runtimeDifferences(runtime) {
  return differences.filter(({ runtimes }) => runtimes.includes(runtime));
}

const differences = [
  {
    runtimes: ["Bun", "Deno"],
    package: "sys",
    file: /^(node-loop|load)\.test/,
    why: "asks Node's own loop, or starts Node with flags of its own",
  },
];
