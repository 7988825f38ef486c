import { createPrivateKey, type KeyObject, randomBytes } from "node:crypto";
import { type FileHandle, link, open, rename, unlink } from "node:fs/promises";
import { SecureError, type SecureErrorCode } from "../errors.js";
import { type Identity, identityOf } from "./identity.js";

export interface SaveIdentityOptions {
  /** 1 to 1,024 bytes. Encrypts the file (AES-256-CBC under a key that PBKDF2 derives from it, PKCS#8's own form). Default: not encrypted. */
  readonly passphrase?: string;
  /** Replaces a file that is there. Default false. */
  readonly overwrite?: boolean;
}

export interface LoadIdentityOptions {
  readonly passphrase?: string;
}

/** No key file is longer. */
const MAX_FILE_BYTES = 16_384;
/** OpenSSL encrypts with longer ones, and then does not take them to decrypt. */
const MAX_PASSPHRASE_BYTES = 1_024;
/** Rights of anybody but the owner. */
const OTHERS = 0o077;
const ENCRYPTED = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
/** Windows has no such bits: who may read a file there is what its folder says. */
const hasModes = process.platform !== "win32";

/**
 * Writes the private key as PKCS#8 PEM to `path`, readable by the owner alone (mode 0600). All of it appears there, or
 * nothing.
 *
 * @throws SecureError `ERR_IDENTITY_FILE_EXISTS` if there is a file and `overwrite` is off; `ERR_INVALID_ARG_VALUE` for a
 * passphrase that is empty or longer than 1,024 bytes; the system's own error if it cannot be written
 */
export async function saveIdentity(identity: Identity, path: string, options: SaveIdentityOptions = {}): Promise<void> {
  const { passphrase, overwrite = false } = options;
  expectPassphrase(passphrase);
  const encryption = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  const pem = identity.privateKey.export({ type: "pkcs8", format: "pem", ...encryption });
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  await writeWhole(temporary, pem);
  try {
    if (overwrite) await rename(temporary, path);
    // Unlike a rename, a link never takes the place of what is there.
    else await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw fileError("EXISTS", path, "no file there", "one, which was left as it is");
  } finally {
    await unlink(temporary).catch(() => {});
  }
}

/**
 * Reads an identity that `saveIdentity` wrote, or any Ed25519 key in PKCS#8 PEM.
 *
 * @throws SecureError `ERR_IDENTITY_FILE_MISSING`; `ERR_IDENTITY_FILE_MODE` if others than its owner may read or write it;
 * `ERR_IDENTITY_FILE_ENCRYPTED` without the passphrase it needs; `ERR_IDENTITY_FILE_PASSPHRASE` with a wrong one,
 * or if an encrypted file is damaged: nobody can tell which; `ERR_IDENTITY_FILE_CORRUPT`; `ERR_IDENTITY_TYPE` for a key that is not Ed25519; the system's own error if it cannot be read
 */
export async function loadIdentity(path: string, options: LoadIdentityOptions = {}): Promise<Identity> {
  const key = readKey(path, await readPrivate(path), options.passphrase);
  if (key.asymmetricKeyType === "ed25519") return identityOf(key);
  const got = `one of ${key.asymmetricKeyType}`;
  throw new SecureError("ERR_IDENTITY_TYPE", `identity file ${path}: expected an Ed25519 key, got ${got}`);
}

function expectPassphrase(passphrase: string | undefined): void {
  if (passphrase === undefined) return;
  const length = Buffer.byteLength(passphrase);
  if (length >= 1 && length <= MAX_PASSPHRASE_BYTES) return;
  const message = `passphrase: expected 1 to ${MAX_PASSPHRASE_BYTES} bytes, got ${length}`;
  throw new SecureError("ERR_INVALID_ARG_VALUE", message);
}

async function writeWhole(path: string, text: string | Buffer): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await unlink(path).catch(() => {});
    throw error;
  } finally {
    await file.close();
  }
}

async function readPrivate(path: string): Promise<string> {
  const file = await openExisting(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw fileError("CORRUPT", path, "a file", "something else, such as a folder");
    const { mode, size } = stats;
    if (hasModes && (mode & OTHERS) !== 0) {
      const got = `0${(mode & 0o777).toString(8)}; chmod 600 it, and think of who may have read it`;
      throw fileError("MODE", path, "mode 0600, the owner's alone", got);
    }
    if (size > MAX_FILE_BYTES) throw fileError("CORRUPT", path, `at most ${MAX_FILE_BYTES} bytes`, `${size}`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw fileError("MISSING", path, "a file", "none; p2pnet-identity new makes one");
  }
}

function readKey(path: string, pem: string, passphrase: string | undefined): KeyObject {
  const encrypted = pem.includes(ENCRYPTED);
  if (encrypted && passphrase === undefined) {
    throw fileError("ENCRYPTED", path, "a passphrase, as it is encrypted", "none");
  }
  try {
    return createPrivateKey(encrypted ? { key: pem, passphrase: passphrase! } : pem);
  } catch {
    // OpenSSL cannot tell which of the two it is: the wrong key may decrypt to good padding, and a changed byte to bad one.
    if (encrypted) throw fileError("PASSPHRASE", path, "its passphrase, and a whole file", "another, or a damaged one");
    throw fileError("CORRUPT", path, "a private key in PKCS#8 PEM", "something else");
  }
}

function fileError(
  what: "MISSING" | "EXISTS" | "MODE" | "ENCRYPTED" | "PASSPHRASE" | "CORRUPT",
  path: string,
  expected: string,
  got: string,
): SecureError {
  const code: SecureErrorCode = `ERR_IDENTITY_FILE_${what}`;
  return new SecureError(code, `identity file ${path}: expected ${expected}, got ${got}`);
}
