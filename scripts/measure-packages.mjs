import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { installTarballs } from "./packed-install.mjs";

/** What must not grow, in bytes and numbers. */
const LIMITS = {
  "@p2pnet/framing": { packed: 10_000, dependencies: 0 },
  "@p2pnet/stream": { packed: 10_000, dependencies: 0 },
};

/** By how much a size may differ from what is written down. */
const TOLERANCE = 0.25;

/**
 * @typedef {object} Size
 * @property {string} name
 * @property {number} packed bytes of the tarball
 * @property {number} installed bytes of all that is installed with the package, itself included
 * @property {number} dependencies how many packages come with it, directly or not
 * @property {string} project where it is installed
 */

/**
 * Installs each package alone into an empty project, and weighs what is there.
 *
 * @param {import("./pack.mjs").Packed[]} packages
 * @param {string} folder for the projects
 * @returns {Promise<Size[]>}
 */
export async function measurePackages(packages, folder) {
  const sizes = [];
  for (const { name, tarball, needs } of packages) {
    const project = join(folder, `size-of-${name.replace(/\W/g, "-")}`);
    const { failure, output } = await installTarballs(project, [tarball, ...tarballsOf(needs, packages)]);
    if (failure !== null) throw new Error(`${failure}\n${output}`);
    sizes.push({ name, packed: statSync(tarball).size, ...weigh(join(project, "node_modules")), project });
  }
  return sizes;
}

/** @param {string[]} names @param {import("./pack.mjs").Packed[]} packages */
export const tarballsOf = (names, packages) =>
  packages.filter(({ name }) => names.includes(name)).map(({ tarball }) => tarball);

function weigh(modules) {
  const files = readdirSync(modules, { recursive: true }).filter((file) => !/^\./.test(file));
  const stats = files.map((file) => ({ file, stat: statSync(join(modules, file)) }));
  const installed = stats.filter(({ stat }) => stat.isFile()).reduce((sum, { stat }) => sum + stat.size, 0);
  const packages = files.filter((file) =>
    /(^|[/\\]node_modules[/\\])(@[^/\\]+[/\\])?[^@/\\][^/\\]*[/\\]package\.json$/.test(file),
  );
  return { installed, dependencies: packages.length - 1 };
}

/** The table of `docs/packages.md`, in Markdown. */
export function tableOf(sizes) {
  const rows = sizes.map(({ name, packed, installed, dependencies }) => [
    `\`${name}\``,
    inKilobytes(packed),
    inKilobytes(installed),
    `${dependencies}`,
  ]);
  const lines = [["package", "packed", "installed with all it needs", "packages it needs"], null, ...rows];
  const widths = rows[0].map((_, column) => Math.max(...lines.map((line) => line?.[column].length ?? 0)));
  const cell = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return lines.map((line) => `| ${(line?.map(cell) ?? rule).join(" | ")} |\n`).join("");
}

/** Three digits, at least: one can see whether it is below a limit. */
const inKilobytes = (bytes) => `${(bytes / 1000).toFixed(bytes < 10_000 ? 2 : bytes < 100_000 ? 1 : 0)} kB`;

/** How the table differs from what was measured, a line for each package. */
export function tableDiffers(table, sizes) {
  const rows = table
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, name]) => name?.startsWith("`"));
  const stated = new Map(rows.map(([, name, ...cells]) => [name, cells.map((cell) => Number.parseFloat(cell))]));
  const near = (kilobytes, bytes) => Math.abs(bytes / 1000 - kilobytes) <= TOLERANCE * kilobytes;
  const right = ({ name, packed, installed, dependencies }) => {
    const [ofTarball, ofProject, count] = stated.get(`\`${name}\``) ?? [];
    return near(ofTarball, packed) && near(ofProject, installed) && count === dependencies;
  };
  const wrong = sizes.filter((size) => !right(size)).map((size) => tableOf([size]).split("\n")[2]);
  const extra = stated.size > sizes.length ? ["a package that is no more"] : [];
  return [...wrong, ...extra].map((row) => `docs/packages.md: expected what \`pnpm sizes\` writes: ${row}`);
}

/** What is larger than it may be. */
export function overLimits(sizes) {
  return sizes.flatMap((size) =>
    Object.entries(LIMITS[size.name] ?? {})
      .filter(([what, most]) => size[what] > most)
      .map(([what, most]) => `${size.name}: expected ${what} of at most ${most}, got ${size[what]}`),
  );
}
