import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Identity, Upgrade } from "@p2pnet/secure";
import type { TestArguments } from "./arguments.js";

/** The environment variable with the passphrase of the clients' key. */
const PASSPHRASE = "P2PNET_PASSPHRASE";

/** How the clients, and the server that is started for them, know each other. */
export interface TestSecurity {
  /** What the clients connect with. */
  readonly upgrade: Upgrade;
  /** Options of the server. */
  readonly serverArgs: readonly string[];
  /** Removes the server's files, which it reads at its start. */
  forget(): void;
}

/**
 * Reads or makes the keys: for a server that is started a key and a list of its own, in a folder that only we can read.
 *
 * @throws SecureError, and the system's own errors
 */
export async function openSecurity(options: TestArguments, env: NodeJS.ProcessEnv): Promise<TestSecurity> {
  // Loaded here: a test in plain text starts without it.
  const { generateIdentity, loadIdentity, parsePeer, saveIdentity, secure } = await import("@p2pnet/secure");
  const { identity: file, serverKey, timeout: handshakeTimeoutMs } = options;
  const passphrase = env[PASSPHRASE];
  const identity =
    file === undefined ? generateIdentity() : await loadIdentity(file, passphrase === undefined ? {} : { passphrase });
  if (serverKey !== undefined) {
    const verify = serverKey === "any" ? () => true : parsePeer(serverKey);
    return { upgrade: secure({ identity, verify, handshakeTimeoutMs }), serverArgs: [], forget: () => {} };
  }
  const server = generateIdentity();
  const upgrade = secure({ identity, verify: server, handshakeTimeoutMs });
  return { upgrade, ...(await filesOf(server, identity, saveIdentity)) };
}

async function filesOf(
  server: Identity,
  client: Identity,
  save: (identity: Identity, path: string) => Promise<void>,
): Promise<Pick<TestSecurity, "serverArgs" | "forget">> {
  const folder = mkdtempSync(join(tmpdir(), "p2pnet-test-")); // Mode 0700.
  const forget = (): void => {
    process.off("exit", forget);
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", forget);
  const [key, list] = [join(folder, "server.pem"), join(folder, "allowed")];
  try {
    await save(server, key);
    writeFileSync(list, `${client.peerId}\n`, { mode: 0o600 });
  } catch (error) {
    forget();
    throw error;
  }
  return { serverArgs: ["--secure", "--identity", key, "--allow", list], forget };
}
