import { type IoUringCalls, type System, system, systemError } from "@p2pnet/sys";
import type { ReadyList } from "../../backend.js";
import type { Operation } from "./operation.js";
import { RingEvent } from "./ring-event.js";
import { RingMemory } from "./ring-memory.js";

/** Entries that can be handed over at once; when more come, those go first. */
const SUBMISSIONS = 1024;
/** Completions taken from the kernel at once. More wait for the next turn. */
const TAKEN_AT_ONCE = 1024;
/** Beside the kernel's flags of a completion: it is none of the kernel's. */
export const AGAIN = 0x8000;
/** The slot of what nobody waits for: cancellations. */
const NOBODY = 0xffffffff;

// Words of an entry (`io_uring_sqe`) and of a completion (`io_uring_cqe`): literals, because they are used per event.
const SUBMISSION_WORDS = 16;
const COMPLETION_WORDS = 4;

/**
 * A ring of io_uring(7): operations go in, completions come out, and one call does both and waits. What is put in waits for
 * that call.
 *
 * The ring belongs to its thread (IORING_SETUP_SINGLE_ISSUER), and the kernel does its part only inside of that thread's calls
 * (IORING_SETUP_DEFER_TASKRUN): it touches nothing while JavaScript runs, nor after the thread has ended.
 */
export class Ring {
  readonly #descriptor: number;
  readonly #system: System;
  readonly #calls: IoUringCalls;
  readonly #memory: RingMemory;
  readonly #event: RingEvent;
  readonly #operations: (Operation | undefined)[] = [];
  readonly #free: number[] = [];
  /** Those that are to be told by the next wait, whatever the kernel says. */
  #again: Operation[] = [];
  #serial = 0;
  /** Counts the waits: whoever is told once for each holds nobody up. */
  turn = 0;
  /** As many entries as were ever put in, as 32 bits; the kernel is told at the next call. */
  #tail = 0;
  #isClosed = false;

  /** @throws SystemError as io_uring_setup(2) or mmap(2) */
  constructor(submissions: number = SUBMISSIONS) {
    this.#system = system();
    this.#calls = this.#system.ioUring!;
    this.#memory = new RingMemory(this.#system, this.#calls, submissions);
    this.#descriptor = this.#memory.descriptor;
    try {
      this.#event = new RingEvent(this.#system, this.#calls, this.#memory);
    } catch (error) {
      this.#memory.unmap();
      this.#system.close(this.#descriptor);
      throw error;
    }
  }

  /** Readable while the ring has something to say, from the `listen` before a wait elsewhere on. */
  get descriptor(): number {
    return this.#event.descriptor;
  }

  /** The ring's own descriptor, for what is registered with it. */
  get registered(): number {
    return this.#descriptor;
  }

  /** What the kernel says that it can do, as `IORING_FEAT_` bits. */
  get features(): number {
    return this.#memory.features;
  }

  /** Entries that the kernel has not been given yet. */
  get pending(): number {
    return (this.#tail - this.#memory.submissionHead) >>> 0;
  }

  /**
   * Asks for an operation. It must not be under way already.
   *
   * @param code the operation's number, beside the bits of `flags` and `ioprio` in their places: the entry's first word
   * @param address memory that stays until the operation's last completion
   * @param argument the operation's own flags
   * @throws SystemError when there is no room, and the kernel makes none
   */
  submit(
    operation: Operation,
    code: number,
    handle: number,
    address: number,
    length: number,
    argument: number,
    group: number,
  ): void {
    if (this.#isClosed) return;
    this.#makeRoom();
    const slot = this.#free.pop() ?? this.#operations.length;
    this.#operations[slot] = operation;
    this.#serial = (this.#serial + 1) >>> 0;
    operation.slot = slot;
    operation.serial = this.#serial;
    this.#write(code, handle, address, address / 2 ** 32, length, argument, group, slot);
  }

  /** Asks the kernel to give an operation up. Its last completion still comes, and may be an ordinary one. */
  cancel(operation: Operation): void {
    if (this.#isClosed || !operation.underWay) return;
    this.#makeRoom();
    const { IORING_OP_ASYNC_CANCEL } = this.#calls.constants;
    this.#write(IORING_OP_ASYNC_CANCEL, -1, operation.slot, operation.serial, 0, 0, 0, NOBODY);
  }

  /**
   * Has the kernel give an operation up now. Its result, which nobody else is told then; null if it is not over yet, or is
   * about to be told.
   */
  takeBack(operation: Operation): number | null {
    if (this.#isClosed || !operation.underWay) return null;
    this.cancel(operation);
    this.#enter(0, 0);
    const { words, firstCompletion, completionMask, completionHead, completionTail } = this.#memory;
    for (let index = completionHead; index !== completionTail; index = (index + 1) | 0) {
      const at = firstCompletion + (index & completionMask) * COMPLETION_WORDS;
      if (words[at] !== operation.slot || words[at + 1]! >>> 0 !== operation.serial) continue;
      words[at] = NOBODY;
      this.#release(operation);
      return words[at + 2]!;
    }
    return null;
  }

  /** The next wait, which is short then, reports the operation with the flag `AGAIN`, be it under way or not. */
  again(operation: Operation): void {
    this.#again.push(operation);
  }

  /** Hands over what was asked, because somebody else is going to wait on the ring's descriptor. */
  listen(): void {
    if (this.#isClosed) return;
    if (this.pending > 0) this.#enter(0, 0);
    this.#event.listen(this.#again.length > 0);
  }

  /** Hands over what was asked, without waiting. */
  flush(): void {
    if (!this.#isClosed) this.#enter(0, 0);
  }

  /**
   * Hands over what was asked, waits up to `timeoutMs` for completions (-1: for ever), and adds whoever is to be told to
   * `ready`.
   *
   * @throws SystemError as io_uring_enter(2)
   */
  wait(timeoutMs: number, ready: ReadyList): void {
    if (this.#isClosed) return;
    const memory = this.#memory;
    const again = this.#again;
    this.turn++;
    this.#event.rest();
    if (timeoutMs !== 0 && again.length === 0) this.#enter(1, timeoutMs);
    // Whether the kernel has something to say can be seen from here.
    else if (this.pending > 0 || memory.hasWork) this.#enter(0, 0);
    this.#take(ready);
    if (again.length === 0) return;
    this.#again = [];
    for (const operation of again) operation.report(ready, 0, AGAIN);
  }

  /** What is under way is given up by the kernel. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.unmap();
    this.#event.close();
    this.#system.close(this.#descriptor);
  }

  #enter(completions: number, timeoutMs: number): void {
    this.#memory.submissionTail = this.#tail;
    const result = this.#calls.enter(this.#descriptor, this.pending, completions, timeoutMs);
    if (result >= 0) return;
    // Short of memory, or too much to be told first: what is left goes with the next call.
    const { EBUSY } = this.#calls.constants;
    const { EAGAIN } = this.#system.constants;
    if (-result !== EBUSY && -result !== EAGAIN) throw systemError("io_uring_enter", -result);
  }

  #take(ready: ReadyList): void {
    const memory = this.#memory;
    const { words, firstCompletion, completionMask } = memory;
    const head = memory.completionHead;
    const count = Math.min((memory.completionTail - head) >>> 0, TAKEN_AT_ONCE);
    for (let index = 0; index < count; index++) {
      const at = firstCompletion + ((head + index) & completionMask) * COMPLETION_WORDS;
      const slot = words[at]! >>> 0;
      const operation = this.#operations[slot];
      if (operation === undefined || operation.serial !== words[at + 1]! >>> 0) continue;
      const flags = words[at + 3]!;
      if ((flags & MORE) === 0) {
        this.#release(operation);
      }
      operation.report(ready, words[at + 2]!, flags);
    }
    // Before anyone is told: what they ask for may need the room.
    memory.completionHead = head + count;
  }

  /** The kernel's last word on it has come. */
  #release(operation: Operation): void {
    this.#operations[operation.slot] = undefined;
    this.#free.push(operation.slot);
    operation.slot = -1;
  }

  #write(
    code: number,
    handle: number,
    addressLow: number,
    addressHigh: number,
    length: number,
    argument: number,
    group: number,
    slot: number,
  ): void {
    const memory = this.#memory;
    const { entries } = memory;
    const at = (this.#tail & memory.submissionMask) * SUBMISSION_WORDS;
    entries[at] = code;
    entries[at + 1] = handle;
    // As all integers of 32 bits: the lower half of an address, and the upper one without its fraction.
    entries[at + 4] = addressLow;
    entries[at + 5] = addressHigh;
    entries[at + 6] = length;
    entries[at + 7] = argument;
    entries[at + 8] = slot;
    entries[at + 9] = slot === NOBODY ? 0 : this.#serial;
    entries[at + 10] = group;
    // The other words are never anything but 0.
    this.#tail = (this.#tail + 1) | 0;
  }

  #makeRoom(): void {
    if (this.pending < this.#memory.submissionCount) return;
    this.#enter(0, 0);
    if (this.pending === this.#memory.submissionCount) {
      throw systemError("io_uring_enter", this.#system.constants.EAGAIN);
    }
  }
}

/** IORING_CQE_F_MORE: further completions follow. */
const MORE = 2;
