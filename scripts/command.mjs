import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/**
 * @typedef {object} Outcome
 * @property {number | null} status the exit code, or null if a signal ended the program or it could not be started
 * @property {string} stdout
 * @property {string} output stdout and stderr, in the order they came
 * @property {string | null} failure what went wrong, or null after exit code 0
 */

/**
 * Runs a program without a standard input and waits for its end. At the time limit it is killed with all its children.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.limitMs]
 * @param {(text: string) => void} [options.onOutput]
 * @param {string} [options.outputFile] takes stdout and stderr instead of pipes, for a program that cannot write to those
 * @returns {Promise<Outcome>}
 */
export function run(program, args, { cwd, env = process.env, limitMs = 120_000, onOutput, outputFile } = {}) {
  return new Promise((resolve) => {
    const file = outputFile === undefined ? null : openSync(outputFile, "w");
    const stdio = file === null ? ["ignore", "pipe", "pipe"] : ["ignore", file, file];
    // A group of its own, so that the time limit reaches grandchildren too.
    const child = spawn(program, args, { cwd, env, stdio, detached: true });
    if (file !== null) closeSync(file);
    let stdout = "";
    let output = "";
    let timedOut = false;

    const timer = setTimeout(() => {
      timedOut = true;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    }, limitMs);

    const take = (text) => {
      output += text;
      onOutput?.(text);
    };
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      take(text);
    });
    child.stderr?.setEncoding("utf8").on("data", take);

    let startError = null;
    child.on("error", (error) => {
      startError = error;
      clearTimeout(timer);
      resolve({ status: null, stdout, output, failure: error.message });
    });
    child.on("close", (status, signal) => {
      if (startError !== null) return;
      clearTimeout(timer);
      if (file !== null) stdout = output = readFileSync(outputFile, "utf8");
      const ended = timedOut ? `not ended after ${limitMs / 1000} s` : `ended by ${signal ?? `exit code ${status}`}`;
      resolve({ status, stdout, output, failure: status === 0 ? null : `${[program, ...args].join(" ")}: ${ended}` });
    });
  });
}
