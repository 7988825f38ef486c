import type { Identity, PeerIdentity, Upgrade } from "@p2pnet/secure";
import type { SecurityFiles } from "./arguments.js";

/** The environment variable with the passphrase of the identity file. */
const PASSPHRASE = "P2PNET_PASSPHRASE";

/** Who the server is, and whom it lets in. */
export interface Security {
  readonly identity: Identity;
  /** Null: everybody. */
  readonly allowed: readonly PeerIdentity[] | null;
  readonly upgrade: Upgrade;
}

/** Reads the files. @throws SecureError, and the system's own errors, whose messages name the file */
export async function loadSecurity(files: SecurityFiles, env: NodeJS.ProcessEnv): Promise<Security> {
  // Loaded here: a server in plain text starts without it.
  const { allowedPeers, loadIdentity, secure } = await import("@p2pnet/secure");
  const passphrase = env[PASSPHRASE];
  const identity = await loadIdentity(files.identity, passphrase === undefined ? {} : { passphrase });
  const allowed = files.allow === "any" ? null : await allowedPeers(files.allow);
  return { identity, allowed, upgrade: secure({ identity, verify: allowed ?? (() => true) }) };
}
