import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { MailboxState } from "./mailbox-state.js";

/** The mailbox's end of an address. */
export class MailboxLine {
  readonly state: MailboxState = new MailboxState();
  readonly #port: MessagePort;
  #cut = false;

  /** @param onCut called when the other end is gone; some runtimes tell before everything has been taken, some never */
  constructor(port: MessagePort, onCut: () => void) {
    this.#port = port;
    port.addEventListener("close", () => {
      this.#cut = true;
      this.state.close();
      onCut();
    });
  }

  /** Nothing is posted any more, and nobody uses the bell: the poster was closed, or its thread has ended. */
  get over(): boolean {
    return this.#cut || (this.state.closed && this.state.left);
  }

  /** What was posted next, or undefined if there is nothing yet. @throws what kept it from being read; it is lost */
  take(): { readonly message: unknown } | undefined {
    return receiveMessageOnPort(this.#port);
  }

  close(): void {
    this.state.close();
    this.#port.close();
  }
}
