import type { Backend, BackendName } from "../backend.js";
import { EventLoopError } from "../errors.js";
import { EpollBackend } from "./epoll.js";
import { LibuvBackend } from "./libuv.js";
import { PollBackend } from "./poll.js";

/** Every backend, fastest first. A new one is one file and one line here. */
const BACKENDS: readonly { name: BackendName; runsHere: () => boolean; create: () => Backend }[] = [
  { name: "epoll", runsHere: () => process.platform === "linux", create: () => new EpollBackend() },
  { name: "poll", runsHere: () => process.platform === "linux", create: () => new PollBackend() },
  { name: "libuv", runsHere: () => process.versions["bun"] === undefined, create: () => new LibuvBackend() },
];

/** The backends that this machine has, fastest first. */
export function availableBackends(): BackendName[] {
  return BACKENDS.filter(({ runsHere }) => runsHere()).map(({ name }) => name);
}

/**
 * The named backend. For "auto" and without a name the one that the environment's `P2PNET_BACKEND` names, or else the
 * fastest.
 *
 * @throws EventLoopError `ERR_BACKEND_UNAVAILABLE` with the list of those that run here
 */
export function createBackend(name: BackendName | "auto" | undefined): Backend {
  const forced = process.env["P2PNET_BACKEND"] || "auto";
  const wanted = name === undefined || name === "auto" ? forced : name;
  const available = BACKENDS.filter(({ runsHere }) => runsHere());
  const chosen = wanted === "auto" ? available[0] : available.find((candidate) => candidate.name === wanted);
  if (chosen !== undefined) return chosen.create();
  const names = ["auto", ...available.map((candidate) => candidate.name)].join(", ");
  throw new EventLoopError(
    "ERR_BACKEND_UNAVAILABLE",
    `backend: expected one of ${names}, got ${JSON.stringify(wanted)}`,
  );
}
