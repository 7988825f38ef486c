import type { BackendName } from "../../src/index.js";

/** Who drives the turns. `second` is nested in Node beside another loop, which waits for both. */
export type HostName = "nested" | "second" | "driven" | "blocking";

/** What the contract is run against: a backend in a host, and what that pair can do that not all can. */
export interface Subject {
  readonly backend: BackendName;
  readonly host: HostName;
  /** Node's own timers, immediates and I/O go on while the loop runs. */
  readonly besideNode: boolean;
  /** A worker may be terminated whatever its loop is doing. */
  readonly terminates: boolean;
  /** A handle that was closed without the loop's knowing is reported, with EBADF. */
  readonly noticesClosedHandles: boolean;
}
