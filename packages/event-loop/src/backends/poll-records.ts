import { NativeMemory, type System } from "@p2pnet/sys";
import { FAILED, HANGUP, type Interest, READABLE, type Ready, WRITABLE } from "../interest.js";

const FIRST_CAPACITY = 16;

/** poll(2)'s array of `pollfd`, or WSAPoll's of WSAPOLLFD. It has room for 16 records at first, and doubles. */
export class PollRecords {
  readonly #size: number;
  readonly #fd: number;
  readonly #events: number;
  readonly #revents: number;
  /** Windows: handles have 64 bits. */
  readonly #isWide: boolean;
  readonly #in: number;
  readonly #out: number;
  readonly #err: number;
  readonly #hup: number;
  readonly #nval: number;
  #memory: NativeMemory;
  #view: DataView;

  constructor({ constants, layouts: { pollfd } }: System) {
    this.#size = pollfd.size;
    this.#fd = pollfd.fields.fd.offset;
    this.#events = pollfd.fields.events.offset;
    this.#revents = pollfd.fields.revents.offset;
    this.#isWide = pollfd.fields.fd.size === 8;
    this.#in = constants.POLLIN;
    this.#out = constants.POLLOUT;
    this.#err = constants.POLLERR;
    this.#hup = constants.POLLHUP;
    this.#nval = constants.POLLNVAL;
    this.#memory = new NativeMemory(FIRST_CAPACITY * this.#size);
    this.#view = new DataView(this.#memory.bytes.buffer);
  }

  /** Of the first record. It changes with the capacity. */
  get address(): number {
    return this.#memory.address;
  }

  /** Records that there is room for. */
  get capacity(): number {
    return this.#memory.bytes.length / this.#size;
  }

  /** The first `count` records, in memory of their own. */
  copy(count: number): NativeMemory {
    const copy = new NativeMemory(Math.max(1, count * this.#size));
    copy.bytes.set(this.#memory.bytes.subarray(0, count * this.#size));
    return copy;
  }

  /** Makes it the record of that handle; the array grows if need be. */
  write(index: number, handle: number, interest: Interest): void {
    if (index === this.capacity) this.#grow();
    const at = index * this.#size;
    this.#view.setInt32(at + this.#fd, handle, true);
    if (this.#isWide) this.#view.setInt32(at + this.#fd + 4, Math.floor(handle / 2 ** 32), true);
    const events = (interest & READABLE ? this.#in : 0) | (interest & WRITABLE ? this.#out : 0);
    this.#view.setInt16(at + this.#events, events, true);
    this.#view.setInt16(at + this.#revents, 0, true);
  }

  /** What the system found. Without anything, 0. */
  ready(index: number): Ready {
    const revents = this.#view.getInt16(index * this.#size + this.#revents, true);
    if (revents === 0) return 0;
    return (
      (revents & this.#in ? READABLE : 0) |
      (revents & this.#out ? WRITABLE : 0) |
      (revents & this.#err ? FAILED : 0) |
      (revents & this.#hup ? HANGUP : 0) |
      // The handle was closed behind the loop's back: the next call on it says EBADF.
      (revents & this.#nval ? FAILED | READABLE | WRITABLE : 0)
    );
  }

  #grow(): void {
    const larger = new NativeMemory(this.#memory.bytes.length * 2);
    larger.bytes.set(this.#memory.bytes);
    this.#memory = larger;
    this.#view = new DataView(larger.bytes.buffer);
  }
}
