interface UnderWay {
  readonly sentAt: number;
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

  said(client: number, message: number, at: number): void {
    this.#underWay.set(this.#key(client, message), { sentAt: at, left: this.#others });
  }

  /** When it was said; undefined if it was not, or everybody has heard it. */
  saidAt(client: number, message: number): number | undefined {
    return this.#underWay.get(this.#key(client, message))?.sentAt;
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
