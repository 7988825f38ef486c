import { loadKqueue } from "@p2pnet/sys";
import type { Backend, BackendName } from "../backend.js";
import { EventLoopError } from "../errors.js";
import { EpollBackend } from "./epoll.js";
import { IoUringBackend } from "./io-uring/backend.js";
import { whyNoIoUring } from "./io-uring/probe.js";
import { KqueueBackend } from "./kqueue.js";
import { LibuvBackend } from "./libuv.js";
import { PollBackend } from "./poll.js";

/** Where a loop is made: what decides which backends there are. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly runtime: "node" | "bun" | "deno";
  /** The path of a library that has kqueue's calls where the system has not. */
  readonly kqueueLibrary: string | undefined;
  /** Why the system has no io_uring for us, or null. Asked only where it matters, for it costs some calls. */
  readonly whyNoIoUring: () => string | null;
}

interface Candidate {
  readonly name: BackendName;
  /** The lower, the sooner it is taken. Null: it does not run there. */
  readonly rank: (where: Surroundings) => number | null;
  /** Why it does not run although it has a rank. */
  readonly lacks?: (where: Surroundings) => string | null;
  readonly create: (where: Surroundings) => Backend;
}

const hasKqueue = (platform: NodeJS.Platform): boolean => platform === "darwin" || platform === "freebsd";

/** Every backend. A new one is one file and one line here. */
const BACKENDS: readonly Candidate[] = [
  { name: "epoll", rank: ({ platform }) => (platform === "linux" ? 0 : null), create: () => new EpollBackend() },
  // Never by itself before epoll, which runs everywhere: a sandbox may forbid io_uring.
  {
    name: "io_uring",
    rank: ({ platform }) => (platform === "linux" ? 1 : null),
    lacks: (where) => where.whyNoIoUring(),
    create: () => new IoUringBackend(),
  },
  { name: "kqueue", rank: rankOfKqueue, create: (where) => new KqueueBackend(loadKqueue(where.kqueueLibrary)) },
  { name: "poll", rank: () => 2, create: () => new PollBackend() },
  // Last but on Windows, where poll costs much. Bun has none of libuv's symbols, and Deno too few.
  { name: "libuv", rank: rankOfLibuv, create: () => new LibuvBackend() },
];

function rankOfKqueue({ platform, kqueueLibrary }: Surroundings): number | null {
  if (hasKqueue(platform)) return 0;
  return platform === "linux" && kqueueLibrary ? 1 : null;
}

function rankOfLibuv({ platform, runtime }: Surroundings): number | null {
  if (runtime !== "node") return null;
  return platform === "win32" ? 0 : 3;
}

/** This machine, and what its environment says. */
export function surroundings(kqueueLibrary?: string): Surroundings {
  const { bun, deno } = process.versions;
  return {
    platform: process.platform,
    runtime: bun !== undefined ? "bun" : deno !== undefined ? "deno" : "node",
    kqueueLibrary: kqueueLibrary ?? process.env["P2PNET_KQUEUE_LIBRARY"],
    whyNoIoUring,
  };
}

/** The names of all backends, those that do not run here among them. */
export const BACKEND_NAMES: readonly BackendName[] = BACKENDS.map(({ name }) => name);

/** The backends that this machine has, fastest first. */
export function availableBackends(): BackendName[] {
  return backendsOf(surroundings());
}

/** Those that a machine like that has. */
export function backendsOf(where: Surroundings): BackendName[] {
  return candidates(where)
    .filter(({ lacks }) => !lacks?.(where))
    .map(({ name }) => name);
}

/**
 * The named backend. For "auto" and without a name the one that the environment's `P2PNET_BACKEND` names, or else the
 * fastest.
 *
 * @throws EventLoopError `ERR_BACKEND_UNAVAILABLE` with the list of those that run here; KqueueUnavailableError when the
 * library for kqueue cannot be loaded
 */
export function createBackend(name: BackendName | "auto" | undefined, where: Surroundings = surroundings()): Backend {
  const forced = process.env["P2PNET_BACKEND"] || "auto";
  const wanted = name === undefined || name === "auto" ? forced : name;
  const ranked = candidates(where);
  const chosen = wanted === "auto" ? ranked[0] : ranked.find((candidate) => candidate.name === wanted);
  const lacking = chosen?.lacks?.(where);
  if (chosen !== undefined && !lacking) return chosen.create(where);
  const names = ["auto", ...backendsOf(where)].join(", ");
  throw new EventLoopError(
    "ERR_BACKEND_UNAVAILABLE",
    `backend: expected one of ${names}, got ${JSON.stringify(wanted)}${lacking ? `: ${lacking}` : ""}`,
  );
}

function candidates(where: Surroundings): Candidate[] {
  const ranked = BACKENDS.map((candidate) => ({ candidate, rank: candidate.rank(where) }));
  return ranked
    .filter(({ rank }) => rank !== null)
    .sort((one, other) => one.rank! - other.rank!)
    .map(({ candidate }) => candidate);
}
