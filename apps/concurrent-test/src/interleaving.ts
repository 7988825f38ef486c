/**
 * Whether messages of different clients interleaved: echoes of one client arrived both before and after some of another's.
 * A server that serves one client after the other never does that.
 */
export class Interleaving {
  readonly #seen = new Set<number>();
  #last: number | null = null;
  #found = false;

  /** An echo for this client has arrived. */
  arrived(client: number): void {
    if (this.#found || client === this.#last) return;
    if (this.#seen.has(client)) this.#found = true;
    this.#seen.add(client);
    this.#last = client;
  }

  /** Null where it cannot be told: with one client, or one message each. */
  verdict(clients: number, messages: number): boolean | null {
    return clients < 2 || messages < 2 ? null : this.#found;
  }
}
