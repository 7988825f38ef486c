import { once } from "node:events";
import { createInterface } from "node:readline";
import type { BenchCase } from "./cases.js";
import { startChild, stopChild } from "./children.js";
import { BenchError } from "./errors.js";

/** What the load generator prints at its end; see c/load.c. */
export interface LoadResult {
  readonly messages: number;
  readonly seconds: number;
  readonly latencyUs: { readonly p50: number; readonly p99: number; readonly p999: number };
  readonly busy: number;
  readonly errors: number;
}

export interface LoadOptions {
  readonly program: string;
  readonly port: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Called while the server stands still, just before the measured period and just after it. */
  readonly onStart?: () => void;
  readonly onEnd?: () => void;
}

/** Runs one load. Throws `ERR_LOAD` at the first wrong byte, closed connection or silence. */
export async function runLoad(benchCase: BenchCase, options: LoadOptions): Promise<LoadResult> {
  const { connections, depth, payloadBytes } = benchCase;
  const amounts = [options.port, connections, depth, payloadBytes, options.seconds].map(String);
  const child = startChild(options.program, [
    ...["127.0.0.1", ...amounts],
    ...["--warmup", String(options.warmupSeconds), "--gate"],
  ]);
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint += text;
  });
  const closed = once(child, "close");
  let result: LoadResult | undefined;
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line === "ready") {
        options.onStart?.();
        child.stdin?.write("\n");
      } else if (line === "done") {
        options.onEnd?.();
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
