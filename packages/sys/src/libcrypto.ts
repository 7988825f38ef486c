import { FfiUnavailableError, ffi } from "./load.js";

/**
 * The calls for ChaCha20-Poly1305 in OpenSSL's libcrypto, under the names of <openssl/evp.h>. Memory is given as an
 * address, and 0 is NULL. Source: EVP_EncryptInit(3) and EVP_chacha20_poly1305(3) of OpenSSL 1.1.1 and 3.
 */
export interface Libcrypto {
  /** `EVP_chacha20_poly1305()`: the cipher that a context is first initialised with. */
  readonly chacha20Poly1305: number;
  readonly EVP_CTRL_AEAD_GET_TAG: number;
  readonly EVP_CTRL_AEAD_SET_TAG: number;
  EVP_CIPHER_CTX_new(): number;
  /** Wipes the key, too. */
  EVP_CIPHER_CTX_free(context: number): void;
  /** `encrypt`: 1, 0 or, to leave it as it was, -1. What is given as 0 of cipher, key and nonce stays as it was, too. */
  EVP_CipherInit_ex(
    context: number,
    cipher: number,
    engine: number,
    key: number,
    nonce: number,
    encrypt: number,
  ): number;
  /** `written` is the address of an int. With `out` 0, the input is associated data. */
  EVP_CipherUpdate(context: number, out: number, written: number, input: number, length: number): number;
  EVP_CipherFinal_ex(context: number, out: number, written: number): number;
  EVP_CIPHER_CTX_ctrl(context: number, type: number, argument: number, pointer: number): number;
  /** Empties this thread's queue of errors, which TLS would take for its own. */
  ERR_clear_error(): void;
}

let loaded: Libcrypto | null = null;

/**
 * The libcrypto that Node itself carries, loaded at the first call.
 *
 * @throws FfiUnavailableError if the FFI library cannot be loaded, or this program has no libcrypto to offer
 */
export function libcrypto(): Libcrypto {
  loaded ??= load();
  return loaded;
}

function load(): Libcrypto {
  const koffi = ffi();
  try {
    const program = koffi.load(null);
    const chacha20Poly1305 = program.func("uintptr_t EVP_chacha20_poly1305()");
    return {
      chacha20Poly1305: Number(chacha20Poly1305()),
      EVP_CTRL_AEAD_GET_TAG: 0x10,
      EVP_CTRL_AEAD_SET_TAG: 0x11,
      EVP_CIPHER_CTX_new: program.func("uintptr_t EVP_CIPHER_CTX_new()"),
      EVP_CIPHER_CTX_free: program.func("void EVP_CIPHER_CTX_free(uintptr_t)"),
      EVP_CipherInit_ex: program.func(
        "int EVP_CipherInit_ex(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, int)",
      ),
      EVP_CipherUpdate: program.func("int EVP_CipherUpdate(uintptr_t, uintptr_t, uintptr_t, uintptr_t, int)"),
      EVP_CipherFinal_ex: program.func("int EVP_CipherFinal_ex(uintptr_t, uintptr_t, uintptr_t)"),
      EVP_CIPHER_CTX_ctrl: program.func("int EVP_CIPHER_CTX_ctrl(uintptr_t, int, int, uintptr_t)"),
      ERR_clear_error: program.func("void ERR_clear_error()"),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FfiUnavailableError(`libcrypto: expected OpenSSL's calls in this program, got: ${reason}`, { cause });
  }
}
