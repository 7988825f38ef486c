import type { File, Suite, Task, Test, VitestRunner } from "@vitest/runner";
import { getNames } from "@vitest/runner/utils";
import type { EventFile } from "./events.js";
import { expect } from "./expect.js";

/** How much of an error's stack is told. */
const PLACES = 5;

/** Runs bundled test files as vitest does, and writes an event for each test. */
export class PortableRunner implements VitestRunner {
  readonly config: VitestRunner["config"];
  readonly #events: EventFile;

  /** @param leftOut tests whose names, with those of their suites, match this pattern are skipped */
  constructor(events: EventFile, timeoutMs: number, leftOut?: string) {
    this.#events = events;
    this.config = {
      root: "",
      name: undefined,
      setupFiles: [],
      passWithNoTests: false,
      testNamePattern: leftOut === undefined ? undefined : new RegExp(`^(?!.*(?:${leftOut}))`),
      allowOnly: false,
      sequence: { seed: 0, hooks: "stack", setupFiles: "list" },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    };
  }

  importFile(path: string): unknown {
    return import(path);
  }

  extendTaskContext<Context extends object>(context: Context): Context {
    return Object.assign(context, { expect });
  }

  /** What the suite before has closed is gone then: vitest pauses here too, to report. */
  async onBeforeRunSuite(): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  onBeforeRunTask(test: Test): void {
    this.#events.write({ type: "start", name: nameOf(test) });
  }

  onAfterRunTask(test: Test): void {
    // A skipped test comes here too, but not from a skipped suite: all of them are told at the end.
    if (stateOf(test) !== "skipped") this.#tell(test);
  }

  onAfterRunFiles(files: File[]): void {
    for (const file of files) this.#finish(file);
  }

  #finish(suite: Suite): void {
    if (suite.result?.state === "fail" && suite.result.errors !== undefined) {
      this.#events.write({ type: "error", name: nameOf(suite), errors: errorsOf(suite) });
    }
    for (const task of suite.tasks) {
      if (task.type === "suite") this.#finish(task);
      else if (stateOf(task) === "skipped") this.#tell(task);
    }
  }

  #tell(test: Test): void {
    const { duration = 0 } = test.result ?? {};
    this.#events.write({
      type: "test",
      name: nameOf(test),
      state: stateOf(test),
      ms: Math.round(duration),
      errors: errorsOf(test),
    });
  }
}

function stateOf({ result }: Test): "passed" | "failed" | "skipped" {
  if (result?.state === "pass") return "passed";
  return result?.state === "fail" ? "failed" : "skipped";
}

/** Without the file. */
function nameOf(task: Task): string[] {
  return getNames(task).slice(1);
}

/** Each with the places nearest to it; a diff where a matcher gives one. */
function errorsOf({ result }: Task): string[] {
  return (result?.errors ?? []).map(({ name, message, stack, diff }) => {
    const places = (stack ?? "").split("\n").filter((line) => /^\s+at |@file:/.test(line));
    return [`${name ?? "Error"}: ${message}`, ...places.slice(0, PLACES), ...(diff ? [diff] : [])].join("\n");
  });
}
