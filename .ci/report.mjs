import { whatDidNotRun, whatRanWhere } from "../scripts/what-ran-where.mjs";

const TAIL_LINES = 60;

/**
 * What one stage found. A stage says what passed, failed and was skipped; whatever it throws counts as one failure.
 */
export class Stage {
  passed = 0;
  failed = 0;
  skipped = 0;
  /** How many of those that passed or failed are tests of vitest. */
  tests = 0;
  /** @type {{ name: string, log: string }[]} */
  failures = [];
  /** What ran, for the list at the end. @type {import("../scripts/what-ran-where.mjs").Run[]} */
  runs = [];
  /** What was left out as a whole, with the reason: for the list, too. @type {string[]} */
  leftOut = [];

  /** Counts one check: `failure` is null, or says why it failed. `log` is shown with a failure. */
  check(name, failure, log = "") {
    if (failure === null) {
      this.passed += 1;
      console.log(`  ok      ${name}`);
    } else {
      this.#fail(name, 1, `${log}\n${failure}`);
    }
  }

  /** Counts the tests of a vitest suite. */
  suite(name, { passed, failed }, log) {
    this.passed += passed;
    this.tests += passed + failed;
    if (failed > 0) this.#fail(name, failed, log);
  }

  /** Puts tests into the list at the end, without counting them. */
  ran(run) {
    this.runs.push(run);
  }

  /** Counts as skipped, by name. */
  omit(name, count = 1) {
    this.skipped += count;
    console.log(`  skipped ${name}`);
  }

  /** Counts as skipped, and is named again in the list at the end. */
  leaveOut(name) {
    this.leftOut.push(name);
    this.omit(name);
  }

  #fail(name, count, log) {
    this.failed += count;
    this.failures.push({ name, log });
    console.log(`  FAILED  ${name}`);
  }
}

/** Runs the stages, and adds them up. */
export class Report {
  /** @type {{ name: string, seconds: number, stage: Stage }[]} */
  #stages = [];

  /**
   * @param {string} name
   * @param {(stage: Stage) => Promise<void>} body
   */
  async stage(name, body) {
    console.log(`\n== ${name}`);
    const stage = new Stage();
    const start = performance.now();
    try {
      await body(stage);
    } catch (error) {
      stage.check(name, error.stack);
    }
    const seconds = (performance.now() - start) / 1000;
    this.#stages.push({ name, seconds, stage });
    console.log(`== ${name}: ${seconds.toFixed(1)} s`);
  }

  #printWhatRan() {
    const runs = this.#stages.flatMap(({ stage }) => stage.runs);
    console.log(`\n== what ran where\n${whatRanWhere(runs)}`);
    console.log("\n== what did not");
    for (const line of whatDidNotRun(runs)) console.log(line);
    for (const { stage } of this.#stages) for (const line of stage.leftOut) console.log(line);
  }

  /** Prints failures, times and the closing line; returns the exit code. */
  finish() {
    for (const { name, stage } of this.#stages) {
      for (const failure of stage.failures) {
        const tail = failure.log.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
        console.log(`\n-- FAILED: ${name}: ${failure.name}\n${tail}`);
      }
    }

    this.#printWhatRan();

    console.log("");
    for (const { name, seconds, stage } of this.#stages) {
      console.log(`${seconds.toFixed(1).padStart(7)} s  ${stage.failed === 0 ? "ok    " : "FAILED"}  ${name}`);
    }
    const sum = (of) => this.#stages.reduce((total, { stage }) => total + of(stage), 0);
    const seconds = this.#stages.reduce((total, stage) => total + stage.seconds, 0);
    console.log(`${seconds.toFixed(1).padStart(7)} s  in all\n`);

    const failed = sum((stage) => stage.failed);
    const tests = sum((stage) => stage.tests);
    if (tests === 0) console.log("No test ran.");
    const skipped = sum((stage) => stage.skipped);
    console.log(`${sum((stage) => stage.passed)} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    return failed > 0 || tests === 0 ? 1 : 0;
  }
}
