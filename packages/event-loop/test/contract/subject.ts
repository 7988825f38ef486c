import type { BackendName } from "../../src/index.js";

/**
 * Who drives the turns. `second` is nested in Node beside another loop, which waits for both; `parked` is forced where it
 * is not what the loop would choose.
 */
export type HostName = "nested" | "second" | "driven" | "parked" | "blocking";

/** What the contract is run against: a backend in a host, and what that pair can do here that not all can everywhere. */
export interface Subject {
  readonly backend: BackendName;
  readonly host: HostName;
  /** The runtime's own timers, immediates and I/O go on while the loop runs. */
  readonly besideNode: boolean;
  /** A worker may be terminated whatever its loop is doing. */
  readonly terminates: boolean;
  /** So many milliseconds later it has ended. */
  readonly terminatesWithinMs: number;
  /** As which error a handle is reported that was closed without the loop's knowing. Null: not at all. */
  readonly closedHandleCode: string | null;
  /** Promises and next ticks run between handlers, and not only when the loop lets the runtime have its turn. */
  readonly drainsMicrotasks: boolean;
  /** A closed handle's number is soon given to another. */
  readonly reusesHandles: boolean;
  /** A process can be sent signals that it handles. */
  readonly hasSignals: boolean;
}

const isNode = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
const isWindows = process.platform === "win32";

/** What each host can. */
const HOSTS: { readonly [name in HostName]: Pick<Subject, "besideNode" | "terminates" | "terminatesWithinMs"> } = {
  nested: { besideNode: true, terminates: true, terminatesWithinMs: 100 },
  second: { besideNode: true, terminates: true, terminatesWithinMs: 100 },
  driven: { besideNode: true, terminates: false, terminatesWithinMs: Number.POSITIVE_INFINITY },
  // Up to the end of a wait on another thread, which nobody can end from outside.
  parked: { besideNode: true, terminates: true, terminatesWithinMs: 250 + 100 },
  blocking: { besideNode: false, terminates: false, terminatesWithinMs: Number.POSITIVE_INFINITY },
};

/** What each backend can. */
const BACKENDS: { readonly [name in BackendName]: Pick<Subject, "closedHandleCode"> } = {
  epoll: { closedHandleCode: null },
  poll: { closedHandleCode: isWindows ? "ENOTSOCK" : "EBADF" },
  kqueue: { closedHandleCode: null },
  libuv: { closedHandleCode: null },
};

/** What this machine and this runtime can. */
const HERE: Pick<Subject, "drainsMicrotasks" | "reusesHandles" | "hasSignals"> = {
  drainsMicrotasks: isNode,
  reusesHandles: !isWindows,
  hasSignals: !isWindows,
};

export function subjectOf(backend: BackendName, host: HostName): Subject {
  return { backend, host, ...HOSTS[host], ...BACKENDS[backend], ...HERE };
}
