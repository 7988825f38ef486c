import { type ByteStream, COPIED_WRITE_BYTES } from "@p2pnet/stream";
import type { BlockPool } from "../ciphers/block-pool.js";
import { type Block, TAG_LENGTH } from "../ciphers/cipher.js";
import type { CipherState } from "../noise/cipher-state.js";
import { MAX_MESSAGE_LENGTH } from "../noise/handshake-state.js";
import { HEADER_LENGTH } from "./handshake-channel.js";
import type { RekeyCounter } from "./rekey.js";
import { SealedBytes } from "./sealed-bytes.js";

/** Size of a block: the longest Noise message and its header. */
export const SEND_BLOCK_BYTES: number = HEADER_LENGTH + MAX_MESSAGE_LENGTH;
/** Plaintext of one Noise message. */
const MAX_PLAINTEXT = MAX_MESSAGE_LENGTH - TAG_LENGTH;
/**
 * A frame of at least this length is lent to the stream, with its block. Of a shorter one the stream takes a copy, so that
 * what waits for a slow peer never holds more than twice its size.
 */
const LENT_BYTES = SEND_BLOCK_BYTES / 2;

/** What a frame has beside its plaintext. */
const OVERHEAD = HEADER_LENGTH + TAG_LENGTH;
/** So much plaintext at most behind a full message is sent together with it: a frame that the stream copies. */
const MAX_TAIL = COPIED_WRITE_BYTES - OVERHEAD;

/** The sending half of a session: what is written between two flushes goes into as few Noise messages as it fits in. */
export class Sealer {
  readonly #stream: ByteStream;
  readonly #state: CipherState;
  readonly #rekey: RekeyCounter;
  readonly #pool: BlockPool;
  readonly #sealed: SealedBytes;
  /** Holds what waits for a flush, behind room for a header. */
  #block: Block | null = null;
  #length = 0;

  constructor(stream: ByteStream, state: CipherState, rekey: RekeyCounter, pool: BlockPool) {
    this.#stream = stream;
    this.#state = state;
    this.#rekey = rekey;
    this.#pool = pool;
    this.#sealed = new SealedBytes(stream, pool);
  }

  /** Plaintext that waits for a flush. */
  get waitingBytes(): number {
    return this.#length;
  }

  /** Plaintext that was written and that the stream below has not taken yet. */
  get bufferedBytes(): number {
    return this.#length + this.#sealed.untakenBytes;
  }

  /** Plaintext that the stream below has taken. */
  get takenBytes(): number {
    return this.#sealed.takenBytes;
  }

  /** Takes `bytes`, which are copied or sealed when this returns. @throws SecureError `ERR_NONCE_EXHAUSTED` */
  write(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; ) {
      this.#block ??= this.#pool.take();
      const room = MAX_PLAINTEXT - this.#length;
      const length = Math.min(bytes.length - offset, room);
      const part = length === bytes.length ? bytes : bytes.subarray(offset, offset + length);
      offset += length;
      if (length === room && length >= LENT_BYTES) {
        const left = bytes.length - offset;
        if (left === 0 || left > MAX_TAIL) {
          this.#send(this.#block, this.#length, part);
          continue;
        }
        return this.#sendWithTail(this.#block, this.#length, part, bytes.subarray(offset));
      }
      this.#block.bytes.set(part, HEADER_LENGTH + this.#length);
      this.#length += length;
      if (length === room) this.flush();
    }
  }

  /** Sends what waits. @throws SecureError `ERR_NONCE_EXHAUSTED` */
  flush(): void {
    if (this.#block !== null) this.#send(this.#block, this.#length);
  }

  /** Sends a message without bytes, behind what waits. @throws SecureError `ERR_NONCE_EXHAUSTED` */
  sendEmpty(): void {
    this.flush();
    this.#send(this.#pool.take(), 0);
  }

  /** Drops what waits, and forgets the key. What was taken stays counted. */
  close(): void {
    this.#sealed.close();
    if (this.#block !== null) this.#pool.give(this.#block);
    this.#block = null;
    this.#length = 0;
    this.#state.wipe();
  }

  /** @param rest plaintext behind what waits in the block: a message's worth is sealed where it is, and not copied first */
  #send(block: Block, waiting: number, rest?: Uint8Array): void {
    this.#write(this.#seal(block, waiting, rest), block);
    this.#rekey.count(this.#state, waiting + (rest?.length ?? 0));
  }

  /** As `#send`, and the little that is left after it: in one write, so that the peer receives them together. */
  #sendWithTail(block: Block, waiting: number, rest: Uint8Array, tail: Uint8Array): void {
    const frame = this.#seal(block, waiting, rest);
    const tailBlock = this.#pool.take();
    let tailFrame: Uint8Array;
    try {
      this.#rekey.count(this.#state, waiting + rest.length);
      tailBlock.bytes.set(tail, HEADER_LENGTH);
      tailFrame = this.#seal(tailBlock, tail.length);
    } catch (error) {
      // No nonce is left for the tail. The frame has had its own.
      this.#write(frame, block);
      throw error;
    }
    if (this.#stream.writeJoined !== undefined) this.#stream.writeJoined(frame, tailFrame, 0, tailFrame.length);
    else {
      this.#stream.write(frame);
      this.#stream.write(tailFrame);
    }
    this.#sealed.add(frame.length, frame.length - OVERHEAD, block);
    this.#sealed.add(tailFrame.length, tail.length, null);
    this.#pool.give(tailBlock);
    this.#rekey.count(this.#state, tail.length);
  }

  #write(frame: Uint8Array, block: Block): void {
    const lent = frame.length >= LENT_BYTES;
    if (lent) this.#stream.write(frame);
    else writeCopied(this.#stream, frame);
    this.#sealed.add(frame.length, frame.length - OVERHEAD, lent ? block : null);
    if (!lent) this.#pool.give(block);
  }

  /**
   * The frame of what waits in the block and of `rest`, in the block, which holds nothing for a flush any more. It counts for a
   * new key only when it was written: replacing one fails after the last nonce, and what that sealed is to be sent.
   */
  #seal(block: Block, waiting: number, rest?: Uint8Array): Uint8Array {
    this.#block = null;
    this.#length = 0;
    this.#state.seal(block, HEADER_LENGTH, waiting, rest);
    const { bytes } = block;
    const messageLength = waiting + (rest?.length ?? 0) + TAG_LENGTH;
    bytes[0] = messageLength >>> 8;
    bytes[1] = messageLength;
    return bytes.subarray(0, HEADER_LENGTH + messageLength);
  }
}

/** In parts that the stream copies before it returns. */
function writeCopied(stream: ByteStream, bytes: Uint8Array): void {
  if (bytes.length <= COPIED_WRITE_BYTES) return stream.write(bytes);
  for (let from = 0; from < bytes.length; from += COPIED_WRITE_BYTES) {
    stream.write(bytes.subarray(from, from + COPIED_WRITE_BYTES));
  }
}
