import { type FileHandle, open } from "node:fs/promises";
import { SecureError } from "../errors.js";
import { type PeerIdentity, parsePeer } from "../identity/peer-identity.js";
import { expectOwnFile } from "./own-file.js";

/**
 * The peers that a file allows, for `verify`: one a line, as a peer id or as the 64 hexadecimal digits of a public key. What
 * follows a `#` is a comment.
 *
 * Rejects with SecureError `ERR_ALLOWED_PEERS_FILE` if there is no such file, if others than its owner may write it, for a
 * line of another form, which the message names, and for a file that allows nobody; with the system's own error if it cannot
 * be read.
 */
export async function allowedPeers(file: string): Promise<PeerIdentity[]> {
  const handle = await openExisting(file);
  try {
    if (!(await handle.stat()).isFile()) throw badFile(file, "a file", "something else, such as a folder");
    await expectOwnFile(handle, `allowed peers ${file}`, "ERR_ALLOWED_PEERS_FILE");
    const lines = (await handle.readFile("utf8")).split("\n");
    const peers = lines.flatMap((line, i) => peerIn(line.replace(/#.*/s, "").trim(), file, i + 1));
    if (peers.length === 0) throw badFile(file, "at least one peer", "none");
    return peers;
  } finally {
    await handle.close();
  }
}

function peerIn(text: string, file: string, line: number): PeerIdentity[] {
  if (text === "") return [];
  try {
    return [parsePeer(text)];
  } catch (cause) {
    const expected = "a peer id of an Ed25519 key or its 64 hexadecimal digits";
    throw badFile(`${file}, line ${line}`, expected, JSON.stringify(text.slice(0, 80)), cause);
  }
}

async function openExisting(file: string): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw badFile(file, "a file", "none", error);
  }
}

function badFile(where: string, expected: string, got: string, cause?: unknown): SecureError {
  const options = cause === undefined ? {} : { cause };
  return new SecureError("ERR_ALLOWED_PEERS_FILE", `allowed peers ${where}: expected ${expected}, got ${got}`, options);
}
