import { ChatLedger } from "./chat-ledger.js";
import type { ClientPlan } from "./test-client.js";

/** What every client of a chat does. */
export interface ChatPlan extends ClientPlan {
  readonly clients: number;
}

/** What the members of a room ask of one another. */
export interface ChatMember {
  wasHeard(): void;
  leave(): void;
  abort(): void;
}

/** What the clients of a chat have in common. They leave together: when everybody has heard everything, or one has failed. */
export class ChatTest {
  readonly plan: ChatPlan;
  readonly ledger: ChatLedger;
  readonly #members = new Map<number, ChatMember>();

  constructor(plan: ChatPlan) {
    this.plan = plan;
    this.ledger = new ChatLedger(plan.clients, plan.messages);
    // Not at once: what else came in the same chunk would be too many.
    this.ledger.onComplete = () =>
      queueMicrotask(() => {
        for (const member of this.#members.values()) member.leave();
      });
  }

  join(number: number, member: ChatMember): void {
    this.#members.set(number, member);
  }

  client(number: number): ChatMember {
    return this.#members.get(number)!;
  }

  /** One has failed: nobody can hear everything any more. */
  failed(): void {
    for (const member of this.#members.values()) member.abort();
  }
}
