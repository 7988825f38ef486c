import type { EventLoop, MailboxAddress } from "@p2pnet/event-loop";
import { Socket, type SocketAddress } from "@p2pnet/socket";
import { Accepted } from "./accepted.js";
import { HandleQueue } from "./handle-queue.js";
import { listeningSocket, nativeTransport, welcome } from "./native.js";
import type { Transport } from "./transport.js";

/** What the thread that accepts needs to hand over connections. */
export interface Handed {
  /** A `HandleQueue`. */
  readonly queue: SharedArrayBuffer;
  /** Is posted to for each handle that was put there. */
  readonly mailbox: MailboxAddress;
  /** A listening socket, which that thread owns from here on; null if it has one already. */
  readonly listener: number | null;
}

/**
 * Sockets of the system on an event loop, where another thread accepts and hands over the connections.
 *
 * @param address where that thread listens; null if it is to be given a socket that listens
 * @param offer tells that thread; what it is given is its own
 */
export function handedTransport(
  loop: EventLoop,
  address: SocketAddress | null,
  offer: (handed: Handed) => void,
): Transport {
  return {
    ...nativeTransport(loop),
    async listen(at, settings, events) {
      const listener = address === null ? listeningSocket(at, settings) : null;
      const where = address ?? listener!.localAddress;
      const accepted = new Accepted(where);
      const queue = new HandleQueue();
      const mailbox = loop.mailbox(() => {
        const handle = queue.take();
        if (handle !== null) welcome(loop, Socket.fromHandle(handle), accepted, events);
      });
      offer({ queue: queue.shared, mailbox: mailbox.address(), listener: listener?.detach() ?? null });
      return {
        address: where,
        get closed() {
          return mailbox.closed;
        },
        close() {
          // First, so that nothing is put into the queue any more that is not taken back.
          mailbox.close();
          for (const handle of queue.drain()) Socket.fromHandle(handle).close();
        },
      };
    },
  };
}
