import { nodeLoop } from "@p2pnet/sys";
import { createBackend } from "../../src/backends/select.js";
import { availableBackends, type BackendName } from "../../src/index.js";
import { drainsMicrotasks } from "../../src/microtasks.js";
import { tellsRefusals, tellsResets } from "./kept-errors.js";

/**
 * Who drives the turns. `second` is nested in Node beside another loop, which waits for both; `parked` is forced where it
 * is not what the loop would choose.
 */
export type HostName = "nested" | "second" | "driven" | "parked" | "blocking";

/** What the contract is run against: a backend in a host, and what that pair can do here that not all can everywhere. */
export interface Subject {
  readonly backend: BackendName;
  readonly host: HostName;
  /** The backend of whatever loop is beside the subject's. */
  readonly companion: BackendName;
  /** The runtime's own timers, immediates and I/O go on while the loop runs. */
  readonly besideNode: boolean;
  /** A worker may be terminated whatever its loop is doing. */
  readonly terminates: boolean;
  /** So many milliseconds later it has ended. */
  readonly terminatesWithinMs: number;
  /** As which error a handle is reported that was closed without the loop's knowing. Null: not at all. */
  readonly closedHandleCode: string | null;
  /** When that is: whatever happens, or once the socket would have been ready, had it not been closed. */
  readonly closedHandleTold: "at once" | "when ready";
  /** A reset is told by the socket's own calls, also when the backend has reported it. */
  readonly tellsResets: boolean;
  /** So is a refused connect. */
  readonly tellsRefusals: boolean;
  /** Promises and next ticks run between handlers, and not only when the loop lets the runtime have its turn. */
  readonly drainsMicrotasks: boolean;
  /** A closed handle's number is soon given to another. */
  readonly reusesHandles: boolean;
  /** A process can be sent signals that it handles. */
  readonly hasSignals: boolean;
}

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
const BACKENDS: { readonly [name in BackendName]: Pick<Subject, "closedHandleCode" | "closedHandleTold"> } = {
  epoll: { closedHandleCode: null, closedHandleTold: "at once" },
  io_uring: { closedHandleCode: "EBADF", closedHandleTold: "when ready" },
  poll: { closedHandleCode: isWindows ? "ENOTSOCK" : "EBADF", closedHandleTold: "at once" },
  kqueue: { closedHandleCode: null, closedHandleTold: "at once" },
  libuv: { closedHandleCode: null, closedHandleTold: "at once" },
};

/** What this machine and this runtime can. */
const HERE: Pick<Subject, "companion" | "drainsMicrotasks" | "reusesHandles" | "hasSignals"> = {
  companion: availableBackends().find((name) => name !== "libuv")!,
  drainsMicrotasks,
  reusesHandles: !isWindows,
  hasSignals: !isWindows,
};

/** The hosts that the backend has here: none where it does not run. */
export function hostsOf(name: BackendName): HostName[] {
  if (!availableBackends().includes(name)) return [];
  const backend = createBackend(name);
  backend.close();
  if (backend.style === "pushing") return ["driven"];
  return backend.nests && nodeLoop() !== null ? ["nested", "second", "parked", "blocking"] : ["parked", "blocking"];
}

export function subjectOf(backend: BackendName, host: HostName): Subject {
  return {
    backend,
    host,
    ...HOSTS[host],
    ...BACKENDS[backend],
    ...HERE,
    tellsResets: tellsResets(backend),
    tellsRefusals: tellsRefusals(backend),
  };
}
