import { type BigIntStats, lstatSync, rmSync, unlinkSync } from "node:fs";
import { resolve } from "node:path";
import type { SocketAddress, System } from "@p2pnet/sys";
import { openHandle } from "./open-handle.js";

/** The file that binding a Unix socket makes. */
export class BoundPath {
  readonly #path: string;
  readonly #file: BigIntStats;

  private constructor(path: string, file: BigIntStats) {
    this.#path = path;
    this.#file = file;
  }

  /** The file that was just made at `address`; null if it is none, or cannot be seen. */
  static at(address: SocketAddress): BoundPath | null {
    if (!isPath(address)) return null;
    // Absolute, because the process may change its working folder.
    const path = resolve(address.address);
    const file = fileAt(path);
    return file === null ? null : new BoundPath(path, file);
  }

  /** Removes the file, unless there is another in its place. That it cannot be removed stops nobody from closing. */
  remove(): void {
    // No other file gets its number while the socket is open.
    if (!isSame(this.#file, fileAt(this.#path))) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // It stays, and the next server has `replaceStale`.
    }
  }
}

/**
 * Removes the file at which a socket was bound that nobody listens on any more, and says whether it did. A server that
 * lives gets a connection that closes at once, and is left alone, as is a file that is no socket.
 *
 * @throws Error as unlink(2): `EACCES`, `EPERM`, ...
 */
export function removeStale(system: System, address: SocketAddress): boolean {
  if (!isPath(address)) return false;
  const file = fileAt(address.address);
  if (file === null || !file.isSocket() || !isDeserted(system, address)) return false;
  // Another may have replaced it meanwhile, and its file may have got the number that the stale one had.
  const now = fileAt(address.address);
  if (!isSame(file, now) || file.mtimeNs !== now.mtimeNs) return false;
  rmSync(address.address, { force: true });
  return true;
}

function isDeserted(system: System, address: SocketAddress): boolean {
  const handle = openHandle(system, { kind: "unix", family: "unix" }, true);
  const result = system.connect(handle, system.addresses.encode(address));
  system.close(handle);
  return -result === system.constants.ECONNREFUSED;
}

/** Abstract names are no files, and the unnamed has none. */
function isPath({ family, address }: SocketAddress): boolean {
  return family === "unix" && address !== "" && !address.startsWith("\0");
}

function fileAt(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return null;
  }
}

function isSame(file: BigIntStats, other: BigIntStats | null): other is BigIntStats {
  return other !== null && file.dev === other.dev && file.ino === other.ino;
}
