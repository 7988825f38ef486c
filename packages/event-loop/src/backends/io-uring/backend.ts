import { type System, system } from "@p2pnet/sys";
import type { BackendName, ReadyList, WaitingBackend, Watched } from "../../backend.js";
import { READABLE } from "../../interest.js";
import type { LevelTwo } from "../../streams/level-two.js";
import { PendingWaits } from "../pending-waits.js";
import { PollRecords } from "../poll-records.js";
import { levelTwoOn } from "./level-two.js";
import { isMover } from "./mover.js";
import { PollOperation, toEvents } from "./poll-operation.js";
import { Ring } from "./ring.js";
import { Transfers } from "./transfers.js";

/**
 * io_uring(7): the kernel is asked to do things, and says when they are done. Here it is asked who is ready, in the same
 * call that waits. Linux 6.1 and newer, where it is allowed.
 */
export class IoUringBackend implements WaitingBackend {
  readonly name: BackendName = "io_uring";
  readonly style = "waiting";
  readonly nests = true;
  readonly descriptor: number;
  readonly #system: System = system();
  readonly #ring = new Ring();
  readonly #polls = new Map<Watched, PollOperation>();
  readonly levelTwo: LevelTwo = levelTwoOn(new Transfers(this.#ring));
  /** Those that the kernel is to be asked about before the next wait. */
  #asking: PollOperation[] = [];
  readonly #pending = new PendingWaits();
  readonly #ask = (operation: PollOperation): void => {
    if (operation.queued) return;
    operation.queued = true;
    this.#asking.push(operation);
  };

  /** @throws SystemError as io_uring_setup(2) */
  constructor() {
    this.descriptor = this.#ring.descriptor;
  }

  add(watched: Watched): void {
    if (isMover(watched)) return;
    const operation = new PollOperation(watched, this.#ask);
    this.#polls.set(watched, operation);
    this.#ask(operation);
  }

  modify(watched: Watched): void {
    const operation = this.#polls.get(watched);
    // Not asked yet, it will be for what is wanted now.
    if (!operation?.underWay) return;
    this.#giveUp(operation);
    this.add(watched);
  }

  remove(watched: Watched): void {
    if (isMover(watched)) return watched.giveUp();
    const operation = this.#polls.get(watched);
    if (operation === undefined) return;
    this.#polls.delete(watched);
    if (!operation.underWay) {
      operation.watched = null;
      return;
    }
    this.#giveUp(operation);
    // At once: as long as the kernel asks, the socket stays open, whoever closes it.
    this.#ring.flush();
  }

  wait(timeoutMs: number, ready: ReadyList): void {
    this.#prepare();
    this.#ring.wait(timeoutMs, ready);
  }

  submit(): void {
    this.#prepare();
    this.#ring.listen();
  }

  park(timeoutMs: number, done: () => void): void {
    this.submit();
    // The ring is this thread's alone: the other thread waits for its event.
    const records = new PollRecords(this.#system);
    records.write(0, this.descriptor, READABLE);
    const record = records.copy(1);
    this.#system.pollAsync(record.address, 1, timeoutMs, this.#pending.begin(record, done));
  }

  close(): void {
    this.#pending.whenOver(() => this.#ring.close());
  }

  #giveUp(operation: PollOperation): void {
    operation.watched = null;
    this.#ring.cancel(operation);
  }

  #prepare(): void {
    const { constants } = this.#system.ioUring!;
    const asking = this.#asking;
    if (asking.length === 0) return;
    for (const operation of asking) {
      operation.queued = false;
      const { watched } = operation;
      if (watched === null) continue;
      const events = toEvents(watched.interest);
      this.#ring.submit(operation, constants.IORING_OP_POLL_ADD, watched.handle, 0, 0, events, 0);
    }
    asking.length = 0;
  }
}
