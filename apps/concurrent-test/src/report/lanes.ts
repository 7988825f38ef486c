/** What a page shows without becoming grey. */
const MAX_CLIENTS = 40;
const MAX_SPANS = 4_000;

/** A message under way. */
export interface Span {
  readonly client: number;
  /** Milliseconds since the start: sent (with a rate, due), and answered. */
  readonly from: number;
  readonly to: number;
}

/** When each message of the first clients was under way: the first of them, as many as a chart can show. */
export class Lanes {
  readonly #spans: Span[] = [];

  record(client: number, from: number, to: number): void {
    if (client <= MAX_CLIENTS && this.#spans.length < MAX_SPANS) this.#spans.push({ client, from, to });
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  /** The clients that are shown. */
  get clients(): number[] {
    return [...new Set(this.#spans.map(({ client }) => client))].sort((one, other) => one - other);
  }
}
