import { cpSync, existsSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { run } from "./command.mjs";
import { root } from "./suites.mjs";

/**
 * Takes generated files into the repository, or checks that they are there as they were generated now. If not, says how they
 * differ, and has the program exit with 1.
 *
 * @param {string} fresh the folder with what was generated
 * @param {string} folder where it is kept, with nothing else in it
 * @param {{ check: boolean, command: string }} how `command` is what users type to write the files
 */
export async function keep(fresh, folder, { check, command }) {
  if (!check) {
    rmSync(folder, { recursive: true, force: true });
    cpSync(fresh, folder, { recursive: true });
    return;
  }
  const { failure, output } = existsSync(folder)
    ? await run("git", ["diff", "--no-index", "--exit-code", folder, fresh])
    : { failure: "not there", output: "" };
  if (failure === null) return;
  console.error(`${relative(root, folder)}: expected what \`${command}\` writes\n${output}`);
  process.exitCode = 1;
}
