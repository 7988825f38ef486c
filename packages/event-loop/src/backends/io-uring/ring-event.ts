import { type IoUringCalls, NativeMemory, type System, systemError } from "@p2pnet/sys";
import type { RingMemory } from "./ring-memory.js";

/**
 * A descriptor that is readable while a ring has something to say, for whoever waits elsewhere. The ring's own would not do:
 * it becomes readable when a completion is there, and what the kernel leaves to the thread's own calls is none before one.
 */
export class RingEvent {
  readonly descriptor: number;
  readonly #system: System;
  readonly #calls: IoUringCalls;
  readonly #memory: RingMemory;
  #isRegistered = false;
  #isListening = false;

  /** @throws SystemError as eventfd(2) */
  constructor(system: System, calls: IoUringCalls, memory: RingMemory) {
    this.#system = system;
    this.#calls = calls;
    this.#memory = memory;
    this.descriptor = calls.event();
    if (this.descriptor < 0) throw systemError("eventfd", -this.descriptor);
  }

  /** From here on it is raised when there is something, and at once if there is already. */
  listen(hasMore: boolean): void {
    if (!this.#isRegistered) this.#register();
    this.#isListening = true;
    this.#memory.raisesEvent = true;
    // In this order: what comes between is seen by both.
    if (hasMore || this.#memory.hasSomething) this.#calls.raise(this.descriptor);
  }

  /** The ring is asked itself now. */
  rest(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    this.#memory.raisesEvent = false;
    this.#calls.lower(this.descriptor);
  }

  close(): void {
    this.#system.close(this.descriptor);
  }

  #register(): void {
    const argument = new NativeMemory(4);
    new DataView(argument.bytes.buffer).setInt32(0, this.descriptor, true);
    const { IORING_REGISTER_EVENTFD } = this.#calls.constants;
    const result = this.#calls.register(this.#memory.descriptor, IORING_REGISTER_EVENTFD, argument.address, 1);
    if (result < 0) throw systemError("io_uring_register", -result);
    this.#isRegistered = true;
  }
}
