import type { MessageConnection } from "@p2pnet/connection";

/** Bytes that wait for a member who is behind: the connection's own high-water mark. */
const BEHIND_BYTES = 65_536;
/** Milliseconds for which a silent room waits for the last to catch up, once most have. */
export const PATIENCE_MS = 250;
/** Milliseconds for which a silent room waits for whoever takes nothing. */
export const SILENCE_MS = 1_000;

/** What the room needs of a connection. */
export type Member = Pick<MessageConnection, "bufferedBytes" | "onDrain" | "pause" | "resume">;

/**
 * The members of a chat. Nobody waits for a slow one: the messages for it queue up to the bound of its connection, and then
 * it is dropped. Only when more than half of those that a member speaks to are behind does the room fall silent: no member is
 * read until all have caught up, or most have and `PATIENCE_MS` are over. Who has not made use of that, or has taken nothing
 * within `SILENCE_MS`, is left behind: it counts for nothing before it has caught up. So members who never read silence the
 * room for a second at most.
 */
export class ChatRoom<M extends Member> {
  readonly #members = new Set<M>();
  readonly #leftBehind = new Set<M>();
  #silent = false;
  #patience: NodeJS.Timeout | null = null;
  #silence: NodeJS.Timeout | null = null;

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
    this.#watch();
  }

  /** Leaves behind whoever takes nothing for a while, again and again until the room goes on. */
  #watch(): void {
    const before = new Map([...this.#members].map((member) => [member, member.bufferedBytes]));
    this.#silence = setTimeout(() => {
      for (const [member, waited] of before) {
        if (this.#isWaitedFor(member) && member.bufferedBytes >= waited) this.#leftBehind.add(member);
      }
      this.#watch();
      this.#mayGoOn();
    }, SILENCE_MS);
  }

  #mayGoOn(): void {
    if (!this.#silent || this.#isCrowded()) return;
    if (this.#countWaitedFor() === 0) this.#goOn();
    else this.#patience ??= setTimeout(() => this.#patienceIsOver(), PATIENCE_MS);
  }

  #patienceIsOver(): void {
    this.#patience = null;
    if (this.#isCrowded()) return;
    for (const member of this.#members) if (this.#isWaitedFor(member)) this.#leftBehind.add(member);
    this.#goOn();
  }

  #goOn(): void {
    clearTimeout(this.#patience ?? undefined);
    clearTimeout(this.#silence ?? undefined);
    this.#patience = null;
    this.#silent = false;
    for (const member of this.#members) {
      member.resume();
      // What it had to say may have filled the room anew.
      if (this.#silent) return;
    }
  }

  #isCrowded(): boolean {
    const behind = this.#countWaitedFor();
    return behind > 0 && behind * 2 > this.#members.size - this.#leftBehind.size - 1;
  }

  #countWaitedFor(): number {
    let count = 0;
    for (const member of this.#members) if (this.#isWaitedFor(member)) count++;
    return count;
  }

  /** Whether it is behind, and may still catch up. A snapshot may know one that has left. */
  #isWaitedFor(member: M): boolean {
    return member.bufferedBytes >= BEHIND_BYTES && this.#members.has(member) && !this.#leftBehind.has(member);
  }
}
