import { type FileHandle, open } from "node:fs/promises";
import { SecureError } from "../errors.js";
import { type PeerIdentity, parsePeerId } from "../identity/peer-identity.js";
import { expectOwnFile } from "./own-file.js";
import type { Verifier } from "./verify.js";

const NAME = /^[\x21-\x7e]+$/;

/**
 * Trust on first use, as ssh does: the first key seen under `name` is kept in `file`, and from then on `name` must have
 * that key. Each line of the file is a name, a space and a peer id; what begins with `#` is a comment. It is made with mode
 * 0600 if it is missing.
 *
 * The verifier throws SecureError `ERR_PEER_KEY_CHANGED` for another key, with both fingerprints in the message, and
 * `ERR_KNOWN_PEERS_FILE` for a file that others may write or that has a line of another form.
 *
 * @param name what the peer is known by, such as `example.org:4433`: printable ASCII without spaces
 * @throws SecureError `ERR_INVALID_ARG_VALUE` for another name
 */
export function knownPeer(file: string, name: string): Verifier {
  if (!NAME.test(name) || name.startsWith("#")) {
    throw new SecureError("ERR_INVALID_ARG_VALUE", `name: expected printable ASCII without spaces, got ${name}`);
  }
  return async (peer, { signal }) => {
    const handle = await open(file, "a+", 0o600);
    try {
      await expectOwnFile(handle, `known peers ${file}`, "ERR_KNOWN_PEERS_FILE");
      if ((await firstKey(handle, file, name)) === null) {
        signal.throwIfAborted();
        const text = await textOf(handle);
        const lineEnd = text === "" || text.endsWith("\n") ? "" : "\n";
        await handle.appendFile(`${lineEnd}${name} ${peer.peerId}\n`);
      }
      // Read again: somebody else may have come first, and appending never overwrites.
      const known = await firstKey(handle, file, name);
      if (known !== null && known.peerId !== peer.peerId) throw changed(file, name, known, peer);
      return known !== null;
    } finally {
      await handle.close();
    }
  };
}

async function textOf(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(size);
  await handle.read(bytes, 0, size, 0);
  return bytes.toString("utf8");
}

async function firstKey(handle: FileHandle, file: string, name: string): Promise<PeerIdentity | null> {
  for (const [i, line] of (await textOf(handle)).split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [known, peerId, ...rest] = line.trim().split(/\s+/);
    if (peerId === undefined || rest.length > 0) throw badLine(file, i + 1);
    if (known !== name) continue;
    try {
      return parsePeerId(peerId);
    } catch (cause) {
      throw badLine(file, i + 1, cause);
    }
  }
  return null;
}

function badLine(file: string, line: number, cause?: unknown): SecureError {
  const message = `known peers ${file}, line ${line}: expected a name, a space and a peer id, got another form`;
  return new SecureError("ERR_KNOWN_PEERS_FILE", message, { cause });
}

function changed(file: string, name: string, known: PeerIdentity, got: PeerIdentity): SecureError {
  const message = `${name}: expected the known key ${known.fingerprint}, got ${got.fingerprint}; if it changed for a good reason, remove its line from ${file}`;
  return new SecureError("ERR_PEER_KEY_CHANGED", message);
}
