import type { BackendName } from "../../src/index.js";

/** Who drives the turns: `watched` is the host of a thread's second loop. */
export type HostName = "nested" | "watched" | "driven" | "blocking";

/** What the contract is run against: a backend in a host, and what that pair can do that not all can. */
export interface Subject {
  readonly backend: BackendName;
  readonly host: HostName;
  /** Node's own timers, immediates and I/O go on while the loop runs. */
  readonly besideNode: boolean;
  /** A handle that was closed without the loop's knowing is reported, with EBADF. */
  readonly noticesClosedHandles: boolean;
}
