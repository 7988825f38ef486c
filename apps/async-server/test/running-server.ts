import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** The built server in a process of its own. */
export class RunningServer {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  /** The exit code, or the signal that killed it, once its output is complete. */
  readonly exited: Promise<number | string>;
  stderr = "";
  #watchers: (() => void)[] = [];

  constructor(args: readonly string[], ipc = false) {
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "pipe", ipc ? "ipc" : "ignore"],
    });
    this.process = child;
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    createInterface({ input: child.stdout! }).on("line", (line) => {
      this.lines.push(line);
      this.#wake();
    });
    // A parent that has closed the IPC channel sees no "close".
    this.exited = once(child, ipc ? "exit" : "close").then(([code, signal]) => {
      this.#wake();
      return code ?? signal;
    });
  }

  /** Starts it on a free port and waits until it is ready. It ends with the test at the latest. */
  static async start(...args: string[]): Promise<RunningServer> {
    const server = new RunningServer(["--port", "0", ...args]);
    onTestFinished(() => server.kill());
    await server.line(/listening/);
    return server;
  }

  get port(): number {
    const found = /"port":(\d+)|:(\d+) \(backend/.exec(this.lines[0] ?? "");
    return Number(found?.[1] ?? found?.[2]);
  }

  /** The `count`th line that matches, now or later; `since` is how many lines are passed over. */
  async line(pattern: RegExp, count = 1, since = 0): Promise<string> {
    for (;;) {
      const found = this.lines.slice(since).filter((line) => pattern.test(line))[count - 1];
      if (found !== undefined) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`lines: expected ${count} of ${pattern}, got\n${this.lines.join("\n")}\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Sends SIGTERM (or another signal) and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    this.process.kill(signal);
    return await this.exited;
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }

  get openDescriptors(): number {
    const { pid } = this.process;
    if (existsSync("/proc/self/fd")) return readdirSync(`/proc/${pid}/fd`).length;
    return execFileSync("lsof", ["-p", `${pid}`], { encoding: "utf8" }).split("\n").length;
  }

  /** The most memory that it has had so far, in MiB; on Linux. */
  get peakMemory(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
  }

  #wake(): void {
    for (const wake of this.#watchers.splice(0)) wake();
  }
}
