import type { Socket, SocketAddress } from "@p2pnet/socket";

/** What is known of a listener's connections before they are asked: a system call less for each, and less memory. */
export class Accepted {
  /** Where all of them are; null if the listener takes whatever comes to the machine. */
  readonly #localAddress: SocketAddress | null;
  #noDelay: boolean | null = null;

  /** @param bound where the listener is */
  constructor(bound: SocketAddress) {
    this.#localAddress = ["0.0.0.0", "::"].includes(bound.address) ? null : bound;
  }

  localAddressOf(socket: Socket): SocketAddress {
    return this.#localAddress ?? socket.localAddress;
  }

  /** Whether they have the listener's no-delay, as on every system that was seen so far. The first one is asked. */
  handsDownNoDelay(socket: Socket): boolean {
    this.#noDelay ??= socket.options.noDelay;
    return this.#noDelay;
  }
}
