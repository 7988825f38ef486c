import { once } from "node:events";
import { createInterface } from "node:readline";
import type { BenchCase } from "./cases.js";
import { startChild, stopChild } from "./children.js";
import { BenchError } from "./errors.js";

/** The program that plays the clients: the one in c/load, or our own in src/load with the same arguments and output. */
export interface Generator {
  readonly name: "c" | "p2pnet";
  readonly command: string;
  /** Before the arguments that both take. */
  readonly args: readonly string[];
}

/** What a load generator prints at its end; see c/load/main.c. */
export interface LoadResult {
  readonly messages: number;
  readonly seconds: number;
  readonly latencyUs: { readonly p50: number; readonly p99: number; readonly p999: number };
  readonly busy: number;
  readonly errors: number;
}

export interface LoadOptions {
  readonly generator: Generator;
  readonly port: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Called while the server stands still: after the warm-up and a third of the idle connections, just before the measured period and just after it. */
  readonly onSettled?: () => void;
  readonly onReady?: () => void;
  readonly onDone?: () => void;
}

/** Runs one load. Throws `ERR_LOAD` at the first wrong byte, closed connection or silence. */
export async function runLoad(benchCase: BenchCase, options: LoadOptions): Promise<LoadResult> {
  const { generator, onSettled, onReady, onDone } = options;
  const gates = new Map(Object.entries({ settled: onSettled, ready: onReady, done: onDone }));
  const child = startChild(generator.command, [...generator.args, ...loadArguments(benchCase, options)]);
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const closed = once(child, "close");
  let result: LoadResult | undefined;
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      if (gates.has(line)) {
        gates.get(line)?.();
        child.stdin?.write("\n");
      } else {
        result = JSON.parse(line) as LoadResult;
      }
    }
    const [code] = await closed;
    if (code !== 0 || result === undefined) {
      throw new BenchError("ERR_LOAD", complaint.trim() || `load: expected exit code 0, got ${code}`);
    }
    return result;
  } finally {
    await stopChild(child);
  }
}

function loadArguments(benchCase: BenchCase, { port, seconds, warmupSeconds }: LoadOptions): string[] {
  const { workload, connections, depth, payloadBytes, idle, greet } = benchCase;
  return [
    ...[workload, "127.0.0.1", ...[port, connections, depth, payloadBytes, seconds].map(String)],
    ...["--warmup", String(warmupSeconds), "--idle", String(idle), ...(greet ? ["--greet"] : []), "--gate"],
  ];
}
