import { existsSync } from "node:fs";
import { join } from "node:path";
import { availableBackends } from "@p2pnet/event-loop";
import { appRoot, builtApp } from "./app-root.js";
import { BASELINE } from "./baseline.js";
import type { BenchCase } from "./cases.js";
import type { Program } from "./program.js";
import type { Programs } from "./programs.js";
import { PROTOCOLS, type Protocol, type SealedClients } from "./sealed/protocol.js";

/** What a server does with a message. */
export type ServerMode = "echo" | "broadcast";

interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** A server that takes part. */
export interface Peer {
  readonly name: string;
  /** How it is started; a mode that it does not have is left out. */
  readonly modes: Partial<Record<ServerMode, Command>>;
  /** Matches the line on stdout that says where it listens; its first group is the port. */
  readonly ready: RegExp;
  /** Connections that it serves at once. */
  readonly connectionsAtOnce: number;
  /** How its clients seal their bytes, where they do: then the load generator is our own. */
  readonly clients?: SealedClients;
  /** Why it cannot be started at all; such a peer is named as skipped. */
  readonly missing?: string;
}

/** Ours: those that run here, and io_uring also where the system forbids it, so that the report says so. */
const backends: readonly string[] = [...new Set([...availableBackends(), "io_uring"])];

export const PEER_NAMES: readonly string[] = [
  BASELINE,
  "c-libuv",
  "node-net",
  "node-net-batched",
  "node-net-library",
  "bun",
  "bun-forward",
  "go",
  ...backends.map((backend) => `p2pnet-${backend}`),
  "p2pnet-blocking",
  ...PROTOCOLS.map((protocol) => `sealed-${protocol}`),
];

export function serverMode({ workload }: BenchCase): ServerMode {
  return workload === "broadcast" ? "broadcast" : "echo";
}

/** The named servers, in the order of `PEER_NAMES`. */
export function choosePeers(names: readonly string[], programs: Programs): Peer[] {
  const all = [
    native(BASELINE, programs.epollEcho, [], programs.epollBroadcast, []),
    native("c-libuv", programs.libuv, ["echo"], programs.libuv, ["broadcast"]),
    nodeProgram("node-net", "node-net", "plain"),
    nodeProgram("node-net-batched", "node-net", "batched"),
    nodeProgram("node-net-library", "node-net-library", "echo"),
    native("bun", programs.bun, [built("bun-listen"), "echo"], programs.bun, [built("bun-listen"), "broadcast"]),
    forwarding(native("bun-forward", programs.bun, [built("bun-listen"), "forward"], programs.bun, [])),
    native("go", programs.go, ["echo"], programs.go, ["broadcast"]),
    ...backends.map((backend) => asyncServer(`p2pnet-${backend}`, backend)),
    blockingServer(),
    ...PROTOCOLS.map((protocol) => sealedServer(protocol, programs.certificate)),
  ];
  return all.filter(({ name }) => names.includes(name));
}

/**
 * As the app's own `start`: idle connections then take half the memory, and an echo makes no garbage that wants more. Every
 * server in Node has it, so that nobody is ahead for a flag.
 */
const FLAGS = ["--max-semi-space-size=1"];

const LISTENING = /^listening (\d+)$/;
const unbounded = { connectionsAtOnce: Number.POSITIVE_INFINITY };

function built(server: string): string {
  return join(appRoot, "dist", "servers", `${server}.js`);
}

function native(
  name: string,
  echo: Program,
  echoArgs: readonly string[],
  broadcast: Program,
  broadcastArgs: readonly string[],
): Peer {
  if ("missing" in echo) return { name, modes: {}, ready: LISTENING, ...unbounded, missing: echo.missing };
  return {
    name,
    modes: {
      echo: { command: echo.path, args: echoArgs },
      ...("missing" in broadcast ? {} : { broadcast: { command: broadcast.path, args: broadcastArgs } }),
    },
    ready: LISTENING,
    ...unbounded,
  };
}

/** One that hands no message to anybody: it only echoes. */
function forwarding(peer: Peer): Peer {
  const { echo } = peer.modes;
  return { ...peer, modes: echo === undefined ? {} : { echo } };
}

function nodeProgram(name: string, server: string, echoMode: string): Peer {
  const run = (...args: string[]): Command => ({ command: process.execPath, args: [...FLAGS, built(server), ...args] });
  return { name, modes: { echo: run(echoMode), broadcast: run("broadcast") }, ready: LISTENING, ...unbounded };
}

/** Our server. The backend that it names must be the one that was asked for: another one is never measured instead. */
export function asyncServer(name: string, backend: string): Peer {
  const broadcast = { command: process.execPath, args: [...FLAGS, built("p2pnet-broadcast"), backend] };
  const { modes, ...rest } = ourServer(["--backend", backend]);
  return {
    ...rest,
    name,
    modes: { ...modes, broadcast },
    ready: new RegExp(`Server listening on \\S+:(\\d+) \\(backend ${backend}\\)|^listening (\\d+)$`),
    ...unbounded,
  };
}

function sealedServer(protocol: Protocol, certificate: Program): Peer {
  const path = "path" in certificate ? certificate.path : "";
  return {
    name: `sealed-${protocol}`,
    modes: { echo: { command: process.execPath, args: [...FLAGS, built("sealed-echo"), protocol, path] } },
    ready: LISTENING,
    ...unbounded,
    clients: { protocol, certificate: path },
    ...(protocol === "tls" && "missing" in certificate ? { missing: certificate.missing } : {}),
  };
}

export function blockingServer(): Peer {
  return {
    ...ourServer(["--mode", "blocking"]),
    name: "p2pnet-blocking",
    ready: /Server listening on \S+:(\d+)\b/,
    connectionsAtOnce: 1,
  };
}

function ourServer(args: readonly string[]): Pick<Peer, "modes" | "missing"> {
  const program = builtApp("async-server");
  return {
    modes: { echo: { command: process.execPath, args: [...FLAGS, program, "--port", "0", "--quiet", ...args] } },
    ...(existsSync(program) ? {} : { missing: "apps/async-server is not built" }),
  };
}
