import { count } from "./portable-run.mjs";

/** Adds up what ran on several runtimes. As JSON: `{ runs: [{ where, file, tests }], omitted }`. */
export class RunSummary {
  /** @type {{ where: string, package: string, file: string, tests: object[] }[]} */
  runs = [];
  /** By name, with the reason. @type {string[]} */
  omitted = [];

  /** @param {string} where such as "Bun 1.4.5" */
  add(where, runs) {
    this.runs.push(...runs.map((run) => ({ where, ...run })));
    const { passed, failed, skipped } = count(runs);
    console.log(`${where}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  }

  /** Something that is no test of a suite passes if `body` does not throw. */
  async check(name, body) {
    const start = performance.now();
    const errors = [];
    try {
      await body();
    } catch (error) {
      errors.push(error.stack ?? error.message);
    }
    const seconds = (performance.now() - start) / 1000;
    const state = errors.length === 0 ? "passed" : "failed";
    console.log(`${state === "passed" ? "ok    " : "FAILED"}  ${name}, ${seconds.toFixed(1)} s`);
    for (const error of errors) console.log(error.replaceAll(/^/gm, "    "));
    const test = { name: [name], state, ms: Math.round(seconds * 1000), errors };
    this.runs.push({ where: "", package: "", file: "", seconds, tests: [test] });
  }

  omit(why) {
    this.omitted.push(why);
  }

  /** Prints what was left out and the closing line; returns the exit code. */
  finish() {
    const { passed, failed, skipped } = count(this.runs);
    console.log("");
    for (const why of this.omitted) console.log(`left out: ${why}`);
    for (const { where, package: name, file, tests } of this.runs) {
      for (const test of tests.filter(({ state }) => state === "failed")) {
        console.log(`FAILED: ${[where, name && `${name}/${file}`, ...test.name].filter(Boolean).join(" > ")}`);
      }
    }
    console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    // Nothing at all is no success, unless it was left out by name.
    return failed > 0 || (passed === 0 && this.omitted.length === 0) ? 1 : 0;
  }
}
