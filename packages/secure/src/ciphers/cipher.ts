/** Bytes that ciphers work on, in place. Made by a `CipherSuite` for its own ciphers. */
export interface Block {
  readonly bytes: Uint8Array;
  /** Address of the first byte, for those ciphers that need one; else 0. */
  readonly address: number;
}

/** Bytes that sealing adds. */
export const TAG_LENGTH = 16;
/** In bytes. */
export const KEY_LENGTH = 32;
/** In bytes. */
export const NONCE_LENGTH = 12;

/**
 * ChaCha20-Poly1305 (RFC 8439) under one key. It never chooses a nonce: who calls writes the next one into `nonce`,
 * and answers for using none twice.
 */
export interface Cipher {
  /** The nonce of the next `seal` or `open`, 12 bytes. */
  readonly nonce: Uint8Array;
  /**
   * Encrypts `length` bytes of the block from `offset` on, in place, then `rest` into the place behind them, and writes the
   * 16-byte tag behind all.
   *
   * @param ad associated data: authenticated, not encrypted
   * @param rest plaintext in other memory: none needs to be copied to be sealed
   */
  seal(ad: Uint8Array, block: Block, offset: number, length: number, rest?: Uint8Array): void;
  /**
   * Decrypts `sealed`, ciphertext with its 16-byte tag behind it, into the block from `offset` on; it may stand there
   * already. False if it is not what was sealed under this key, nonce and associated data: then there is nothing but zeros
   * where the plaintext would be.
   */
  open(ad: Uint8Array, sealed: Uint8Array, block: Block, offset: number): boolean;
  /** Forgets the key. Nothing else may be called afterwards, except this again. */
  wipe(): void;
}

/** One way to compute a `Cipher`. All yield the same bytes. */
export interface CipherSuite {
  readonly name: CipherName;
  /** @param key 32 bytes, copied: the caller's are the caller's to wipe */
  cipher(key: Uint8Array): Cipher;
  block(size: number): Block;
}

/** libcrypto: Node's own, called through FFI with a context that is kept. node: `node:crypto`, without native code of ours. */
export type CipherName = "libcrypto" | "node";
