import { existsSync } from "node:fs";
import { join } from "node:path";
import { appRoot, builtApp } from "./app-root.js";
import type { NativePrograms } from "./compile.js";

/** A server that takes part. */
export interface Peer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Matches the line on stdout that says where it listens; its first group is the port. */
  readonly ready: RegExp;
  /** Connections that it serves at once. */
  readonly connectionsAtOnce: number;
  /** Why it cannot be started at all; such a peer is named as skipped. */
  readonly missing?: string;
}

/** The peer that all others are divided by. */
export const BASELINE = "c-epoll";

export const PEER_NAMES = [
  BASELINE,
  "node-net",
  "node-net-batched",
  "p2pnet-epoll",
  "p2pnet-poll",
  "p2pnet-libuv",
  "p2pnet-blocking",
] as const;

export type PeerName = (typeof PEER_NAMES)[number];

export function describePeers(programs: NativePrograms): Record<PeerName, Peer> {
  return {
    [BASELINE]: {
      name: BASELINE,
      command: programs.epollEcho,
      args: [],
      ready: /^listening (\d+)$/,
      connectionsAtOnce: Number.POSITIVE_INFINITY,
    },
    "node-net": nodeNet("node-net", "plain"),
    "node-net-batched": nodeNet("node-net-batched", "batched"),
    "p2pnet-epoll": asyncServer("p2pnet-epoll", "epoll"),
    "p2pnet-poll": asyncServer("p2pnet-poll", "poll"),
    "p2pnet-libuv": asyncServer("p2pnet-libuv", "libuv"),
    "p2pnet-blocking": blockingServer(),
  };
}

export function nodeNet(name: string, mode: "plain" | "batched"): Peer {
  return {
    name,
    command: process.execPath,
    args: [join(appRoot, "dist", "node-net-server.js"), mode],
    ready: /^listening (\d+)$/,
    connectionsAtOnce: Number.POSITIVE_INFINITY,
  };
}

/** Our server. The backend that it names must be the one that was asked for: another one is never measured instead. */
export function asyncServer(name: string, backend: string): Peer {
  return {
    ...ourServer(["--backend", backend]),
    name,
    ready: new RegExp(`Server listening on \\S+:(\\d+) \\(backend ${backend}\\)`),
    connectionsAtOnce: Number.POSITIVE_INFINITY,
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

function ourServer(args: readonly string[]): Pick<Peer, "command" | "args" | "missing"> {
  const program = builtApp("async-server");
  return {
    command: process.execPath,
    args: [program, "--port", "0", "--quiet", ...args],
    ...(existsSync(program) ? {} : { missing: "apps/async-server is not built" }),
  };
}
