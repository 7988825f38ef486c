import { existsSync } from "node:fs";
import { isSystemError, Socket } from "../src/index.js";
import { Loopback, waitFor } from "./loopback.js";

// What the system that runs the tests can do: the one place that asks which it is. What can be tried is tried.

const isWindows = process.platform === "win32";

/** A file's descriptor is a handle like a socket's, a new one gets the lowest free number, and both fit 31 bits. */
export const handlesAreDescriptors: boolean = !isWindows;

/** Where the process's open handles are listed, or null. Source: proc(5). */
export const handleList: string | null = existsSync("/proc/self/fd") ? "/proc/self/fd" : null;

/** Unix sockets may have names that are no files. */
export const abstractNames: boolean = process.platform === "linux";

/** Files tell that they are sockets, belong to users, and can be forbidden to them. */
export const unixFiles: boolean = !isWindows;

/** SO_ERROR is cleared when it is read. */
export const errorsAreTakenOnce: boolean = !isWindows;

/** A blocking call that cannot succeed says so at once, and not after its timeout. */
export const failuresComeBeforeTimeouts: boolean = !isWindows;

/** A blocking send whose time is over says how much it sent until then. */
export const partialSendsAreTold: boolean = !isWindows;

/** Nobody binds where old connections linger, unless reuseAddress is set. */
export const oldConnectionsBlock: boolean = !isWindows;

/** IPv6's options are errors on an IPv4 socket. */
export const optionsAreOfTheirFamily: boolean = !isWindows;

/** What a connected UDP socket hears when nobody is at its peer's port. */
export const REFUSED: string = isWindows ? "ECONNRESET" : "ECONNREFUSED";

/** Why there are no Unix sockets, or null. */
export const noUnixSockets: string | null = reasonNotTo(() => Socket.open("unix").close());

/** Why there is no IPv6, or null. */
export const noIpv6: string | null = reasonNotTo(() => {
  const socket = Socket.open("udp", { family: 6 });
  try {
    socket.bind({ address: "::1", port: 0 });
  } finally {
    socket.close();
  }
});

/** Why probes of an idle peer cannot be tuned, or null. */
export const noKeepAliveTuning: string | null = reasonNotTo(() => {
  const socket = Socket.open("tcp");
  try {
    socket.options.keepAliveIdleSeconds = 1;
  } finally {
    socket.close();
  }
});

/** Why a reset is not told, or null: Wine shows the end instead. */
export const noResets: string | null = withLoopback("tcp", (loopback) => {
  const [left, right] = loopback.pair();
  left.abort();
  waitFor(right, "readable");
  const code = codeOf(() => right.recv(new Uint8Array(1)));
  return code === "ECONNRESET" ? null : "the system shows resets as the end";
});

/** Why nobody hears that a UDP peer is not there, or null. */
export const noRefusals: string | null = withLoopback("udp", (loopback) => {
  const socket = loopback.bound();
  socket.connect(loopback.deserted());
  socket.setNonBlocking(false);
  socket.options.receiveTimeoutMs = 300;
  socket.send(new Uint8Array(1));
  const code = codeOf(() => socket.recv(new Uint8Array(1)));
  return code === REFUSED ? null : "the system does not say that nobody is there";
});

/** The name of a test or suite that is skipped if there is a reason to: with that reason. */
export function nameUnless(reason: string | null, name: string): string {
  return reason === null ? name : `${name} (skipped: ${reason})`;
}

function reasonNotTo(attempt: () => void): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    if (isSystemError(error)) return error.message;
    throw error;
  }
}

function codeOf(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    if (isSystemError(error)) return error.code;
    throw error;
  }
}

function withLoopback(kind: "tcp" | "udp", probe: (loopback: Loopback) => string | null): string | null {
  const loopback = new Loopback({ kind, family: 4, blocking: false });
  try {
    return probe(loopback);
  } finally {
    loopback.close();
  }
}
