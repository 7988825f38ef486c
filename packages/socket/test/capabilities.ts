import { existsSync } from "node:fs";
import { isSystemError, Socket } from "../src/index.js";

// What the system that runs the tests can do: the one place that asks which it is.

/** A file's descriptor is a handle like a socket's, a new one gets the lowest free number, and both fit 31 bits. */
export const handlesAreDescriptors: boolean = process.platform !== "win32";

/** Where the process's open handles are listed, or null. Source: proc(5). */
export const handleList: string | null = existsSync("/proc/self/fd") ? "/proc/self/fd" : null;

/** Unix sockets may have names that are no files. */
export const abstractNames: boolean = process.platform === "linux";

/** Files tell that they are sockets, belong to users, and can be forbidden to them. */
export const unixFiles: boolean = process.platform !== "win32";

/** Why there are no Unix sockets, or null. */
export const noUnixSockets: string | null = reasonNotTo(() => Socket.open("unix"));

/** Why there is no IPv6, or null. */
export const noIpv6: string | null = reasonNotTo(() => {
  const socket = Socket.open("udp", { family: 6 });
  socket.bind({ address: "::1", port: 0 });
  return socket;
});

/** The name of a test or suite that is skipped if there is a reason to: with that reason. */
export function nameUnless(reason: string | null, name: string): string {
  return reason === null ? name : `${name} (skipped: ${reason})`;
}

function reasonNotTo(open: () => Socket): string | null {
  try {
    open().close();
    return null;
  } catch (error) {
    if (isSystemError(error)) return error.message;
    throw error;
  }
}
