import { broadcast, type MessageConnection } from "@p2pnet/connection";

/** Bytes that wait for a member who is behind: the connection's own high-water mark. */
const BEHIND_BYTES = 65_536;

/** Sends a message to all but one. To how many. */
export type Relay = (members: ReadonlySet<MessageConnection>, message: Uint8Array, from: MessageConnection) => number;

/**
 * Relays what each member says to all others. Nobody waits for a slow member: the messages for it queue up to the bound of its
 * connection, and then it is dropped. Only when most of the room is behind are those who speak slowed: they are
 * not read until that is over.
 */
export class ChatRoom {
  readonly #relay: Relay;
  readonly #members = new Set<MessageConnection>();
  readonly #slowed = new Set<MessageConnection>();

  constructor(relay: Relay = (members, message, from) => broadcast(members, message, { except: from }).sent) {
    this.#relay = relay;
  }

  enter(member: MessageConnection): void {
    this.#members.add(member);
    member.onDrain = () => this.#goOn();
  }

  leave(member: MessageConnection): void {
    this.#members.delete(member);
    this.#slowed.delete(member);
    this.#goOn();
  }

  /** Sends a message of `from` to all others. Returns how many they are. */
  say(from: MessageConnection, message: Uint8Array): number {
    const sent = this.#relay(this.#members, message, from);
    if (this.#crowded()) {
      this.#slowed.add(from);
      from.pause();
    }
    return sent;
  }

  #goOn(): void {
    if (this.#slowed.size === 0 || this.#crowded()) return;
    for (const member of this.#slowed) member.resume();
    this.#slowed.clear();
  }

  /** More than half of the members are behind. */
  #crowded(): boolean {
    let behind = 0;
    for (const member of this.#members) if (member.bufferedBytes >= BEHIND_BYTES) behind++;
    return behind * 2 > this.#members.size;
  }
}
