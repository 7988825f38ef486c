import { spawn } from "node:child_process";

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
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limitMs?: number, onOutput?: (text: string) => void }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(program, args, { cwd, env = process.env, limitMs = 120_000, onOutput } = {}) {
  return new Promise((resolve) => {
    // A group of its own, so that the time limit reaches grandchildren too.
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
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
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding("utf8").on("data", take);

    let startError = null;
    child.on("error", (error) => {
      startError = error;
      clearTimeout(timer);
      resolve({ status: null, stdout, output, failure: error.message });
    });
    child.on("close", (status, signal) => {
      if (startError !== null) return;
      clearTimeout(timer);
      const ended = timedOut ? `not ended after ${limitMs / 1000} s` : `ended by ${signal ?? `exit code ${status}`}`;
      resolve({ status, stdout, output, failure: status === 0 ? null : `${[program, ...args].join(" ")}: ${ended}` });
    });
  });
}
