import { parseArgs } from "node:util";
import type { Protocol } from "../sealed/protocol.js";
import type { Workload } from "../workload.js";

export interface LoadArguments {
  readonly workload: Workload;
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly depth: number;
  readonly payloadBytes: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly idle: number;
  readonly greet: boolean;
  readonly gate: boolean;
  readonly protocol: Protocol;
  /** The file of one, for TLS. */
  readonly certificate: string;
}

/** The arguments of c/load/main.c. They come from this app itself, which has checked them. */
export function parseLoadArguments(args: readonly string[]): LoadArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      warmup: { type: "string", default: "0" },
      idle: { type: "string", default: "0" },
      greet: { type: "boolean", default: false },
      gate: { type: "boolean", default: false },
      protocol: { type: "string", default: "none" },
      certificate: { type: "string", default: "" },
    },
  });
  const [workload, host, port, connections, depth, payloadBytes, seconds] = positionals;
  return {
    workload: workload as Workload,
    host: host!,
    port: Number(port),
    connections: Number(connections),
    depth: Number(depth),
    payloadBytes: Number(payloadBytes),
    seconds: Number(seconds),
    warmupSeconds: Number(values.warmup),
    idle: Number(values.idle),
    greet: values.greet,
    gate: values.gate,
    protocol: values.protocol as Protocol,
    certificate: values.certificate,
  };
}
