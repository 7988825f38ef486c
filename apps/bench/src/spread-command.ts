import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runWorkers } from "@p2pnet/connection";
import Table from "cli-table3";
import { appRoot } from "./app-root.js";
import { BenchError } from "./errors.js";
import { describeMachine, requireLinux } from "./machine.js";
import { countByWorker } from "./spread/clients.js";

const SIZES = [2, 4];
const SPREADS = ["reusePort", "handles"] as const;
/** Each worker is to get at least this share of what an even spread would give it. */
const LEAST_SHARE = 0.25;

export interface SpreadOptions {
  readonly clients: number;
  readonly echoes: number;
}

/** Prints how many clients each worker serves, and fails if a worker is left out, or an echo is wrong. */
export async function spreadCommand({ clients, echoes }: SpreadOptions): Promise<void> {
  requireLinux();
  const worker = join(appRoot, "dist", "spread", "worker.js");
  if (!existsSync(worker)) throw new BenchError("ERR_SERVER", "apps/bench is not built");
  const table = new Table({
    head: ["spread", "workers", "clients of each", "least to fair share", "echoes/s"],
    style: { head: [], border: [], compact: true },
  });
  for (const spread of SPREADS) {
    for (const size of SIZES) {
      await using workers = await runWorkers(pathToFileURL(worker), { workers: size, spread });
      const start = performance.now();
      const served = await countByWorker(workers.address.port, clients, echoes, size);
      const perSecond = Math.round((clients * echoes * 1_000) / (performance.now() - start));
      const share = Math.min(...served) / (clients / size);
      table.push([spread, size, served.join(" + "), share.toFixed(2), perSecond.toLocaleString("en-US")]);
      if (share < LEAST_SHARE) {
        const message = `${spread}: expected each of ${size} workers to serve at least ${LEAST_SHARE} of its share`;
        throw new BenchError("ERR_SPREAD", `${message}, got ${served.join(" + ")} clients`);
      }
    }
  }
  const { node, system, processors, processor } = describeMachine("");
  console.log(
    `Node ${node}, ${system}, ${processors} x ${processor}: ${clients} clients, ${echoes} echoes each, all compared`,
  );
  console.log(table.toString());
}
