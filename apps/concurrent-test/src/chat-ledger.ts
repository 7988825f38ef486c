/** A message that not everybody has heard yet. */
interface UnderWay {
  readonly sentAt: number;
  /** When it should have been sent. */
  readonly dueAt: number;
  /** Clients that have not got it yet. */
  left: number;
}

/** What the clients of a chat have said, and who has still to hear it. Clients and messages are numbered from 1. */
export class ChatLedger {
  /** Called when everybody has heard everything. */
  onComplete: () => void = () => {};
  readonly #others: number;
  readonly #messages: number;
  readonly #underWay = new Map<number, UnderWay>();
  #incomplete: number;

  constructor(clients: number, messages: number) {
    this.#others = clients - 1;
    this.#messages = messages;
    this.#incomplete = clients * messages;
  }

  said(client: number, message: number, sentAt: number, dueAt: number): void {
    this.#underWay.set(this.#key(client, message), { sentAt, dueAt, left: this.#others });
  }

  /** Undefined if it was not said, or everybody has heard it. */
  underWay(client: number, message: number): Readonly<UnderWay> | undefined {
    return this.#underWay.get(this.#key(client, message));
  }

  /** One more has heard it. Whether that was the last. */
  heard(client: number, message: number): boolean {
    const key = this.#key(client, message);
    const entry = this.#underWay.get(key)!;
    if (--entry.left > 0) return false;
    this.#underWay.delete(key);
    if (--this.#incomplete === 0) this.onComplete();
    return true;
  }

  #key(client: number, message: number): number {
    return (client - 1) * this.#messages + (message - 1);
  }
}
