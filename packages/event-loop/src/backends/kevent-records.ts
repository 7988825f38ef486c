import { type KqueueCalls, NativeMemory } from "@p2pnet/sys";

/** An array of `struct kevent`, as <sys/event.h> lays them out. What is not written stays 0. */
export class KeventRecords {
  readonly memory: NativeMemory;
  readonly #view: DataView;
  readonly #size: number;
  readonly #fields: KqueueCalls["layout"]["fields"];

  constructor({ size, fields }: KqueueCalls["layout"], count: number) {
    this.memory = new NativeMemory(size * count);
    this.#view = new DataView(this.memory.bytes.buffer);
    this.#size = size;
    this.#fields = fields;
  }

  get address(): number {
    return this.memory.address;
  }

  /** `udata` is an unsigned 32-bit number of the caller's, given back with each event. */
  write(index: number, ident: number, filter: number, flags: number, udata: number): void {
    const at = index * this.#size;
    this.#view.setUint32(at + this.#fields.ident.offset, ident, true);
    this.#view.setInt16(at + this.#fields.filter.offset, filter, true);
    this.#view.setUint16(at + this.#fields.flags.offset, flags, true);
    this.#view.setUint32(at + this.#fields.udata.offset, udata, true);
  }

  /** A descriptor: 32 of its 64 bits. */
  ident(index: number): number {
    return this.#view.getUint32(index * this.#size + this.#fields.ident.offset, true);
  }

  filter(index: number): number {
    return this.#view.getInt16(index * this.#size + this.#fields.filter.offset, true);
  }

  flags(index: number): number {
    return this.#view.getUint16(index * this.#size + this.#fields.flags.offset, true);
  }

  fflags(index: number): number {
    return this.#view.getUint32(index * this.#size + this.#fields.fflags.offset, true);
  }

  udata(index: number): number {
    return this.#view.getUint32(index * this.#size + this.#fields.udata.offset, true);
  }
}
