import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AbuseError } from "./errors.js";
import type { Answer } from "./parent.js";

/** The folder of this app. Sources in src and built files in dist both lie one level below it. */
export const appRoot: string = fileURLToPath(new URL("..", import.meta.url));

const START_MS = 15_000;
const ANSWER_MS = 30_000;

export interface ChildOptions {
  /** Lowers the limit of open descriptors. */
  readonly descriptors?: number | undefined;
}

/** A program of this app in a process of its own, which answers questions and ends with this one. */
export class Child {
  /** What it said when it was ready. */
  ready: unknown;
  /** Why it has ended, or null. */
  obituary: string | null = null;
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  readonly #closed: Promise<void>;
  #asked = 0;
  #complaint = "";

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#process = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (this.#complaint.length < 4096) this.#complaint += text;
    });
    child.on("message", (answer: Answer) => {
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    });
    child.on("error", () => {});
    this.#closed = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.obituary = this.#complaint.trim().split("\n")[0] || `ended with ${signal ?? `exit code ${code}`}`;
        for (const { reject } of this.#waiting.values()) reject(this.#dead());
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /**
   * Starts `dist/<program>.js` with one JSON value as its argument.
   *
   * @throws AbuseError `ERR_CHILD`
   */
  static async start(program: string, setup: unknown, { descriptors }: ChildOptions = {}): Promise<Child> {
    const args = ["--expose-gc", join(appRoot, "dist", `${program}.js`), JSON.stringify(setup)];
    const stdio = ["ignore", "ignore", "pipe", "ipc"] as const;
    const child =
      descriptors === undefined
        ? spawn(process.execPath, args, { stdio: [...stdio] })
        : spawn("/bin/sh", ["-c", `ulimit -n ${descriptors} && exec "$0" "$@"`, process.execPath, ...args], {
            stdio: [...stdio],
          });
    const started = new Child(program, child);
    try {
      started.ready = await started.#answerTo(0, START_MS);
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Asks, and waits for the answer. @throws AbuseError `ERR_CHILD`, `ERR_SILENCE` */
  async ask<T>(question: string, value?: unknown, limitMs: number = ANSWER_MS): Promise<T> {
    if (this.obituary !== null) throw this.#dead();
    const id = ++this.#asked;
    this.#process.send({ id, question, value }, () => {});
    return (await this.#answerTo(id, limitMs)) as T;
  }

  /** Resolves when it has ended by itself. */
  get ended(): Promise<void> {
    return this.#closed;
  }

  async stop(): Promise<void> {
    if (this.obituary === null) this.#process.kill("SIGKILL");
    await this.#closed;
  }

  async #answerTo(id: number, limitMs: number): Promise<unknown> {
    let limit: NodeJS.Timeout | undefined;
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        if (this.obituary !== null) return reject(this.#dead());
        this.#waiting.set(id, { resolve, reject });
        const message = `${this.#name}: expected an answer within ${limitMs / 1000} s, got none`;
        limit = setTimeout(() => reject(new AbuseError("ERR_SILENCE", message)), limitMs);
      });
      if ("failure" in answer) throw new AbuseError("ERR_CHILD", `${this.#name}: ${answer.failure}`);
      return answer.value;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(id);
    }
  }

  #dead(): AbuseError {
    return new AbuseError("ERR_CHILD", `${this.#name}: expected it to go on, got: ${this.obituary}`);
  }
}
