import { type IoUringCalls, type MappedMemory, type System, systemError } from "@p2pnet/sys";

/** Completions that the kernel has room for, for each entry of the other ring: multishot operations have many. */
const COMPLETIONS_PER_SUBMISSION = 4;

/** The memory that a ring shares with the kernel, by the names of <linux/io_uring.h>. Counts and flags are 32-bit words. */
export class RingMemory {
  readonly descriptor: number;
  readonly features: number;
  readonly submissionCount: number;
  readonly submissionMask: number;
  readonly completionMask: number;
  /** The rings' heads, tails and flags, and the completions, the first of which begins at `firstCompletion`. */
  readonly words: Int32Array;
  readonly firstCompletion: number;
  /** The entries, 16 words each. */
  readonly entries: Int32Array;
  readonly #submissionHead: number;
  readonly #submissionTail: number;
  readonly #submissionFlags: number;
  readonly #completionHead: number;
  readonly #completionTail: number;
  readonly #completionFlags: number;
  readonly #hasWork: number;
  readonly #silent: number;
  readonly #mapped: MappedMemory[] = [];

  /** @throws SystemError as io_uring_setup(2) or mmap(2) */
  constructor(system: System, calls: IoUringCalls, submissions: number) {
    const { constants, layouts } = calls;
    const { fields } = layouts.io_uring_params;
    const parameters = new Uint8Array(layouts.io_uring_params.size);
    const told = new DataView(parameters.buffer);
    told.setUint32(fields.flags.offset, setupFlags(calls), true);
    told.setUint32(fields.cq_entries.offset, submissions * COMPLETIONS_PER_SUBMISSION, true);
    this.descriptor = calls.setup(submissions, parameters);
    if (this.descriptor < 0) throw systemError("io_uring_setup", -this.descriptor);

    const number = (offset: number): number => told.getUint32(offset, true);
    const inSubmissions = (field: { offset: number }): number => number(fields.sq_off.offset + field.offset) / 4;
    const inCompletions = (field: { offset: number }): number => number(fields.cq_off.offset + field.offset) / 4;
    const sq = layouts.io_sqring_offsets.fields;
    const cq = layouts.io_cqring_offsets.fields;
    this.features = number(fields.features.offset);
    this.submissionCount = number(fields.sq_entries.offset);
    const completionCount = number(fields.cq_entries.offset);
    this.submissionMask = this.submissionCount - 1;
    this.completionMask = completionCount - 1;
    this.#submissionHead = inSubmissions(sq.head);
    this.#submissionTail = inSubmissions(sq.tail);
    this.#submissionFlags = inSubmissions(sq.flags);
    this.#completionHead = inCompletions(cq.head);
    this.#completionTail = inCompletions(cq.tail);
    this.firstCompletion = inCompletions(cq.cqes);
    this.#completionFlags = inCompletions(cq.flags);
    this.#silent = constants.IORING_CQ_EVENTFD_DISABLED;
    this.#hasWork = constants.IORING_SQ_TASKRUN | constants.IORING_SQ_CQ_OVERFLOW;

    // One mapping has both rings (IORING_FEAT_SINGLE_MMAP); the longer one says how long it is.
    const indices = inSubmissions(sq.array);
    const rings = Math.max(
      (indices + this.submissionCount) * 4,
      this.firstCompletion * 4 + completionCount * layouts.io_uring_cqe.size,
    );
    const entryBytes = this.submissionCount * layouts.io_uring_sqe.size;
    this.words = this.#map(system, calls, constants.IORING_OFF_SQ_RING, rings);
    this.entries = this.#map(system, calls, constants.IORING_OFF_SQES, entryBytes);
    // Entries are used in the order in which they lie.
    for (let index = 0; index < this.submissionCount; index++) this.words[indices + index] = index;
  }

  /** Entries that the kernel has ever taken. */
  get submissionHead(): number {
    return this.words[this.#submissionHead]!;
  }

  set submissionTail(tail: number) {
    Atomics.store(this.words, this.#submissionTail, tail);
  }

  /** The kernel has put something off until the next call. */
  get hasWork(): boolean {
    return (Atomics.load(this.words, this.#submissionFlags) & this.#hasWork) !== 0;
  }

  get completionHead(): number {
    return this.words[this.#completionHead]!;
  }

  set completionHead(head: number) {
    Atomics.store(this.words, this.#completionHead, head);
  }

  get completionTail(): number {
    return Atomics.load(this.words, this.#completionTail);
  }

  /** There is a completion, or work that ends in one. */
  get hasSomething(): boolean {
    return this.hasWork || this.completionTail !== this.completionHead;
  }

  /** Whether the kernel raises the event that is registered with the ring. */
  set raisesEvent(raises: boolean) {
    Atomics.store(this.words, this.#completionFlags, raises ? 0 : this.#silent);
  }

  unmap(): void {
    for (const memory of this.#mapped) memory.unmap();
  }

  #map(system: System, calls: IoUringCalls, offset: number, length: number): Int32Array {
    const memory = calls.map(this.descriptor, offset, length);
    if (typeof memory === "number") {
      this.unmap();
      system.close(this.descriptor);
      throw systemError("mmap", -memory);
    }
    this.#mapped.push(memory);
    return new Int32Array(memory.bytes.buffer);
  }
}

function setupFlags({ constants }: IoUringCalls): number {
  return (
    constants.IORING_SETUP_CQSIZE |
    constants.IORING_SETUP_SUBMIT_ALL |
    constants.IORING_SETUP_SINGLE_ISSUER |
    constants.IORING_SETUP_DEFER_TASKRUN |
    constants.IORING_SETUP_TASKRUN_FLAG
  );
}
