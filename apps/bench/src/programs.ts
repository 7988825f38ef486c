import { join } from "node:path";
import { appRoot } from "./app-root.js";
import { findBun } from "./bun-program.js";
import { type CompiledC, compileAllC } from "./compile-c.js";
import { compileGo } from "./compile-go.js";
import type { Generator } from "./load-generator.js";
import type { Program } from "./program.js";
import { findCertificate } from "./sealed/certificate.js";
import type { SealedClients } from "./sealed/protocol.js";

export interface Programs extends CompiledC {
  readonly bun: Program;
  readonly go: Program;
  /** For TLS. */
  readonly certificate: Program;
}

/** Compiles or finds what the named servers need; what nobody asked for is not looked for. */
export async function findPrograms(peers: readonly string[]): Promise<Programs> {
  const unwanted: Program = { missing: "was not asked for" };
  return {
    ...(await compileAllC(peers.includes("c-libuv"))),
    bun: peers.some((name) => name.startsWith("bun")) ? await findBun() : unwanted,
    go: peers.includes("go") ? await compileGo() : unwanted,
    certificate: peers.includes("sealed-tls") ? await findCertificate() : unwanted,
  };
}

/** The load generator in C where there is one, or else our own. */
export function chooseGenerator(load: Program, wanted: Generator["name"] | undefined): Generator {
  if (wanted !== "p2pnet" && "path" in load) return { name: "c", command: load.path, args: [] };
  return ownGenerator([]);
}

/** Our own, with clients that seal their bytes. */
export function sealedGenerator({ protocol, certificate }: SealedClients): Generator {
  return ownGenerator(["--protocol", protocol, "--certificate", certificate]);
}

function ownGenerator(args: readonly string[]): Generator {
  return { name: "p2pnet", command: process.execPath, args: [join(appRoot, "dist", "load", "main.js"), ...args] };
}
