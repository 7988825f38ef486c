import type { Completion, ReadyList } from "../../backend.js";

/**
 * Something that the kernel was asked to do on a ring. While it has a slot the kernel may use whatever it was given, so the
 * operation holds on to that; the ring holds on to the operation.
 */
export abstract class Operation implements Completion {
  /** Its place in the ring, which is no other's before the kernel's last word on it. -1: the kernel has nothing of it. */
  slot = -1;
  /** Counts all that the ring was ever asked, so that a slot's earlier operations are known as such. */
  serial = 0;

  get underWay(): boolean {
    return this.slot >= 0;
  }

  abstract complete(result: number, flags: number): void;

  /**
   * The ring has a completion of it, the last one if it has no slot any more: adds whoever is to be told of it in the turn to
   * `ready`, and calls nobody.
   */
  report(ready: ReadyList, result: number, flags: number): void {
    ready.pushCompletion(this, result, flags);
  }
}
