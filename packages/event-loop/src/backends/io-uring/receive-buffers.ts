import { NativeMemory, type System, systemError } from "@p2pnet/sys";
import type { Received } from "../../streams/received.js";

/** Bytes of each: what one receive takes at most. Half of what streams over readiness take: there are many of these. */
const BUFFER_BYTES = 65_536;
/** Buffers in one piece of memory; the first piece is there from the start. */
const SLAB_SHIFT = 4;
const PER_SLAB = 1 << SLAB_SHIFT;
/** The most there are. A power of two: the ring has as many records. */
const MOST = 512;
/** The kernel wants the ring of buffers to begin at a page. */
const PAGE = 4096;

/**
 * Memory that the kernel receives into, for all streams of a ring: it takes a buffer when bytes have come, so that a
 * connection that waits holds none. Few are used again and again, which the processor's cache likes; more are made when so
 * many streams receive in one turn that the kernel finds none. Source: io_uring_register(2), IORING_REGISTER_PBUF_RING.
 */
export class ReceiveBuffers {
  readonly #slabs: NativeMemory[] = [];
  /** The slabs, to be copied from. */
  readonly #memories: DataView<ArrayBuffer>[] = [];
  /** The last chunk of each buffer: the next is likely to be as long, and the object for it is dear. */
  readonly #chunks: (Uint8Array | undefined)[] = [];
  readonly #received: Received;
  readonly #ring: NativeMemory;
  /** The ring as 32-bit and as 16-bit words. A record is the address (8 bytes), the length (4), the number (2) and 2 to spare. */
  readonly #words: Int32Array;
  readonly #shorts: Uint16Array;
  #tail = 0;

  /** @throws SystemError as io_uring_register(2) */
  constructor(system: System, ring: number, group: number, received: Received) {
    this.#received = received;
    const { constants, layouts, register } = system.ioUring!;
    const bytes = MOST * layouts.io_uring_buf.size;
    this.#ring = new NativeMemory(bytes + PAGE);
    const offset = (PAGE - (this.#ring.address % PAGE)) % PAGE;
    this.#words = new Int32Array(this.#ring.bytes.buffer, offset, bytes / 4);
    this.#shorts = new Uint16Array(this.#ring.bytes.buffer, offset, bytes / 2);

    const { size, fields } = layouts.io_uring_buf_reg;
    const argument = new NativeMemory(size);
    const view = new DataView(argument.bytes.buffer);
    view.setBigUint64(fields.ring_addr.offset, BigInt(this.#ring.address + offset), true);
    view.setUint32(fields.ring_entries.offset, MOST, true);
    view.setUint16(fields.bgid.offset, group, true);
    const result = register(ring, constants.IORING_REGISTER_PBUF_RING, argument.address, 1);
    if (result < 0) throw systemError("io_uring_register", -result);
    this.#addSlab();
  }

  get count(): number {
    return this.#slabs.length * PER_SLAB;
  }

  /** Twice as many, unless there are as many as `wanted` already, or as can be. */
  grow(wanted: number): void {
    const count = Math.min(this.count * 2, MOST);
    while (this.count < wanted && this.count < count) this.#addSlab();
  }

  /** What was received into a buffer: valid until it is given back. */
  chunk(id: number, length: number): Uint8Array {
    const memory = this.#memories[id >>> SLAB_SHIFT]!;
    const at = (id & (PER_SLAB - 1)) * BUFFER_BYTES;
    let chunk = this.#chunks[id];
    if (chunk === undefined || chunk.length !== length) {
      chunk = new Uint8Array(memory.buffer, at, length);
      this.#chunks[id] = chunk;
    }
    this.#received.tell(chunk, memory, at);
    return chunk;
  }

  /** The kernel may receive into it again. */
  give(id: number): void {
    const at = this.#tail & (MOST - 1);
    const address = this.#slabs[id >>> SLAB_SHIFT]!.address + (id & (PER_SLAB - 1)) * BUFFER_BYTES;
    // As integers of 32 bits: the lower half, and the upper one without its fraction.
    this.#words[at * 4] = address;
    this.#words[at * 4 + 1] = address / 2 ** 32;
    this.#words[at * 4 + 2] = BUFFER_BYTES;
    this.#shorts[at * 8 + 6] = id;
    this.#tail = (this.#tail + 1) & 0xffff;
    // The first record's spare field is the ring's tail. The kernel looks at it in this thread's calls only.
    this.#shorts[7] = this.#tail;
  }

  #addSlab(): void {
    const first = this.count;
    const slab = new NativeMemory(PER_SLAB * BUFFER_BYTES);
    this.#slabs.push(slab);
    this.#memories.push(new DataView(slab.bytes.buffer));
    for (let id = first; id < this.count; id++) this.give(id);
  }
}
