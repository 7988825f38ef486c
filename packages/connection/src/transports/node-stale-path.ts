import { once } from "node:events";
import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";

/** Removes the path of a Unix socket that a server has left behind. False, and nothing removed, if it is not such a one. */
export async function removeStalePath(path: string): Promise<boolean> {
  // Connecting to a file that is no socket is refused, too.
  if (!(await isSocket(path)) || !(await refusesConnections(path))) return false;
  await unlink(path);
  return true;
}

async function isSocket(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSocket();
  } catch {
    return false; // An abstract name, or a pipe of Windows.
  }
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
