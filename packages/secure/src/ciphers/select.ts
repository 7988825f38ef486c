import { SecureError } from "../errors.js";
import type { CipherName, CipherSuite } from "./cipher.js";
import { libcryptoCiphers } from "./libcrypto-cipher.js";
import { nodeCiphers } from "./node-cipher.js";

let native: CipherSuite | null = null;
let fastest: CipherSuite | null = null;

/**
 * The ciphers of that name. `auto` takes the fastest that runs here, found out once.
 *
 * @throws SecureError `ERR_CIPHER_UNAVAILABLE` if libcrypto is asked for by name and cannot be called here;
 * `ERR_INVALID_ARG_VALUE` for another name
 */
export function selectCiphers(name: CipherName | "auto" = "auto"): CipherSuite {
  switch (name) {
    case "auto":
      fastest ??= libcryptoIfAny();
      return fastest;
    case "node":
      return nodeCiphers;
    case "libcrypto":
      return requireLibcrypto();
    default:
      throw new SecureError("ERR_INVALID_ARG_VALUE", `cipher: expected auto, libcrypto or node, got ${String(name)}`);
  }
}

function libcryptoIfAny(): CipherSuite {
  try {
    return requireLibcrypto();
  } catch {
    return nodeCiphers;
  }
}

function requireLibcrypto(): CipherSuite {
  try {
    native ??= libcryptoCiphers();
    return native;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SecureError("ERR_CIPHER_UNAVAILABLE", `cipher: expected libcrypto, got: ${reason}`, { cause });
  }
}
