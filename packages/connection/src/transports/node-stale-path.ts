import { once } from "node:events";
import { type BigIntStats, lstatSync, rmSync } from "node:fs";
import { connect } from "node:net";

/**
 * Makes the path of a Unix socket free that a server has left behind. False, and nothing removed, if it is not such a one.
 *
 * @throws Error as unlink(2): `EACCES`, `EPERM`, ...
 */
export async function removeStalePath(path: string): Promise<boolean> {
  const file = fileAt(path);
  // Connecting to a file that is no socket is refused, too.
  if (file === null || !file.isSocket() || !(await refusesConnections(path))) return false;
  // Another server may have replaced it meanwhile, and its file may have got the number that the stale one had.
  const now = fileAt(path);
  if (now !== null && !isSame(file, now)) return false;
  rmSync(path, { force: true });
  return true;
}

/** Null if there is none: an abstract name, or a pipe of Windows. */
function fileAt(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return null;
  }
}

function isSame(file: BigIntStats, other: BigIntStats): boolean {
  return file.dev === other.dev && file.ino === other.ino && file.mtimeNs === other.mtimeNs;
}

async function refusesConnections(path: string): Promise<boolean> {
  const socket = connect({ path });
  try {
    await once(socket, "connect");
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}
