import type { MessageConnection } from "@p2pnet/connection";

/** Bytes that wait for a member who is behind: the connection's own high-water mark. */
const BEHIND_BYTES = 65_536;
/** Milliseconds for which a silent room waits for the last to catch up, once most have. */
export const PATIENCE_MS = 250;

/** What the room needs of a connection. */
export type Member = Pick<MessageConnection, "bufferedBytes" | "onDrain" | "pause" | "resume">;

/**
 * The members of a chat. Nobody waits for a slow one: the messages for it queue up to the bound of its connection, and then
 * it is dropped. Only when more than half of those that a member speaks to are behind does the room fall silent: no member is
 * read until all have caught up, or most have and `PATIENCE_MS` are over. Who has not made use of that is not waited for
 * again before it has caught up.
 */
export class ChatRoom<M extends Member> {
  readonly #members = new Set<M>();
  readonly #leftBehind = new Set<M>();
  #silent = false;
  #patience: NodeJS.Timeout | null = null;

  get members(): Iterable<M> {
    return this.#members;
  }

  enter(member: M): void {
    this.#members.add(member);
    member.onDrain = () => {
      this.#leftBehind.delete(member);
      this.#mayGoOn();
    };
    if (this.#silent) member.pause();
  }

  leave(member: M): void {
    this.#members.delete(member);
    this.#leftBehind.delete(member);
    this.#mayGoOn();
  }

  /** A message has been queued for the members. */
  spoken(): void {
    if (this.#silent || !this.#isCrowded()) return;
    this.#silent = true;
    // All of them at once: messages of the others may be under way already.
    for (const member of this.#members) member.pause();
  }

  #mayGoOn(): void {
    if (!this.#silent || this.#isCrowded()) return;
    if (this.#isWaitedFor()) this.#patience ??= setTimeout(() => this.#patienceIsOver(), PATIENCE_MS);
    else this.#goOn();
  }

  #patienceIsOver(): void {
    this.#patience = null;
    if (this.#isCrowded()) return;
    for (const member of this.#members) if (isBehind(member)) this.#leftBehind.add(member);
    this.#goOn();
  }

  #goOn(): void {
    clearTimeout(this.#patience ?? undefined);
    this.#patience = null;
    this.#silent = false;
    for (const member of this.#members) member.resume();
  }

  #isCrowded(): boolean {
    let behind = 0;
    for (const member of this.#members) if (isBehind(member)) behind++;
    return behind > 0 && behind * 2 > this.#members.size - 1;
  }

  #isWaitedFor(): boolean {
    for (const member of this.#members) if (isBehind(member) && !this.#leftBehind.has(member)) return true;
    return false;
  }
}

function isBehind(member: Member): boolean {
  return member.bufferedBytes >= BEHIND_BYTES;
}
