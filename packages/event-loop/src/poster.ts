import type { MessagePort, TransferListItem } from "node:worker_threads";
import { type System, system } from "@p2pnet/sys";
import type { MailboxAddress } from "./mailbox.js";
import { ring } from "./mailbox-bell.js";
import { MailboxState, mailboxClosed } from "./mailbox-state.js";

/**
 * Posts to a mailbox, from another thread or the same. It keeps neither thread running, and may be forgotten: the end of
 * its thread closes it.
 */
export class Poster {
  readonly #system: System = system();
  readonly #port: MessagePort;
  readonly #handle: number;
  readonly #state: MailboxState;

  /**
   * @param address as the mailbox made it, sent to this thread with `port` in the transfer list
   * @throws FfiUnavailableError
   */
  constructor(address: MailboxAddress) {
    this.#port = address.port;
    this.#handle = address.handle;
    this.#state = new MailboxState(address.state);
    // The mailbox's thread may have ended without closing it.
    this.#port.addEventListener("close", () => this.#state.close());
  }

  /** Whether a post is refused: the mailbox or its poster was closed, or the mailbox's thread has ended. */
  get closed(): boolean {
    return this.#state.closed;
  }

  /**
   * Sends a structured clone of `value` to the mailbox, whose loop tells it in a turn of its own. The values of one poster
   * are told in order; what is in `transferList` belongs to the other thread from here on.
   *
   * @throws EventLoopError `ERR_MAILBOX_CLOSED`; `DataCloneError` if the value cannot be cloned; SystemError as `wake`: the
   * value was posted then, and is told with the next ring
   */
  post(value: unknown, transferList: readonly TransferListItem[] = []): void {
    if (this.closed) throw mailboxClosed();
    this.#port.postMessage(value, transferList);
    // Closed meanwhile, it may even have been told: with the ring of another thread.
    this.#ring();
  }

  /**
   * Ends the loop's wait, as `loop.wake()` does on its own thread. What nobody has answered yet is not repeated: many
   * wakes and posts cost one system call.
   *
   * @throws EventLoopError `ERR_MAILBOX_CLOSED`; SystemError as send(2): `ENOBUFS`, ...
   */
  wake(): void {
    if (!this.#ring()) throw mailboxClosed();
  }

  /** Posts nothing any more. What was posted is still told. Closing twice is allowed. */
  close(): void {
    if (!this.#state.enter()) return;
    this.#state.close();
    try {
      // The mailbox closes the port once it has taken everything: some runtimes drop what a closed port has sent.
      ring(this.#system, this.#handle);
    } catch {
      // With the next ring, then.
    } finally {
      this.#state.leave();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** False where the mailbox is closed. */
  #ring(): boolean {
    // The handle is the mailbox's, which waits until nobody is inside before it gives the number back.
    if (!this.#state.enter()) return false;
    try {
      const due = this.#state.ringDue();
      if (due === null) return true;
      ring(this.#system, this.#handle);
      this.#state.rung(due);
      return true;
    } finally {
      this.#state.leave();
    }
  }
}
