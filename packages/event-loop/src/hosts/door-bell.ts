import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";
import { type System, system } from "@p2pnet/sys";
import { openBell, ring } from "../mailbox-bell.js";
import { Bell } from "./bell.js";

/** A bell with a button: pressing it ends the wait of whoever watches it, on whichever thread that is. */
export class DoorBell extends Bell {
  override readonly ofLoop: boolean = false;
  readonly #system: System = system();
  readonly #socket: Socket;
  readonly #rings = new Uint8Array(1);
  #pressed = false;

  /** @throws SystemError as socket(2), bind(2), connect(2) */
  constructor(socket: Socket = openBell()) {
    super(socket.handle);
    this.#socket = socket;
  }

  /** It goes on ringing until it is answered. */
  press(): void {
    if (this.#pressed) return;
    try {
      ring(this.#system, this.handle);
      this.#pressed = true;
    } catch {
      // The system is short of memory for one byte. No wait lasts for ever: it ends by itself.
    }
  }

  answer(): void {
    if (!this.#pressed) return;
    this.#pressed = false;
    while (this.#socket.recv(this.#rings) !== WOULD_BLOCK);
  }

  close(): void {
    this.#socket.close();
  }
}
