import type { Timer } from "@p2pnet/event-loop";
import type { AddressFamily } from "@p2pnet/socket";
import type { Endpoint, Link, Transport } from "./transports/transport.js";

/**
 * The endpoints with their families in turn, each family in its own order: an IPv6 that leads nowhere, or an IPv4, costs one
 * attempt's delay and no more. Source: RFC 8305, section 4.
 */
export function interleaved(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const families = new Map<AddressFamily, Endpoint[]>();
  for (const endpoint of endpoints) {
    const family = "path" in endpoint ? "unix" : endpoint.family;
    const members = families.get(family);
    if (members === undefined) families.set(family, [endpoint]);
    else members.push(endpoint);
  }
  const mixed: Endpoint[] = [];
  for (let i = 0; mixed.length < endpoints.length; i++) {
    for (const members of families.values()) if (i < members.length) mixed.push(members[i]!);
  }
  return mixed;
}

/**
 * Connects to the first of `endpoints` that answers: an attempt is made every `delayMs`, or as soon as one has failed, and the
 * others are given up when one has won. Source: RFC 8305, section 5.
 *
 * @param endpoints at least one, best first
 * @throws what the last attempt to fail failed with; the signal's reason
 */
export function firstToAnswer(
  transport: Transport,
  endpoints: readonly Endpoint[],
  delayMs: number,
  signal: AbortSignal,
): Promise<Link> {
  return new Promise((resolve, reject) => {
    new Race(transport, endpoints, delayMs, signal, resolve, reject).start();
  });
}

class Race {
  readonly #transport: Transport;
  readonly #endpoints: readonly Endpoint[];
  readonly #delayMs: number;
  readonly #signal: AbortSignal;
  readonly #resolve: (link: Link) => void;
  readonly #reject: (error: unknown) => void;
  /** Gives up all attempts that still run. */
  readonly #attempts = new AbortController();
  #started = 0;
  #running = 0;
  #delay: Timer | null = null;
  #over = false;

  constructor(
    transport: Transport,
    endpoints: readonly Endpoint[],
    delayMs: number,
    signal: AbortSignal,
    resolve: (link: Link) => void,
    reject: (error: unknown) => void,
  ) {
    this.#transport = transport;
    this.#endpoints = endpoints;
    this.#delayMs = delayMs;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    if (this.#signal.aborted) return this.#lose(this.#signal.reason);
    this.#signal.addEventListener("abort", this.#onAbort);
    this.#attempt();
  }

  readonly #onAbort = (): void => this.#lose(this.#signal.reason);

  #attempt(): void {
    this.#delay?.cancel();
    this.#delay = null;
    const endpoint = this.#endpoints[this.#started++]!;
    this.#running++;
    if (this.#started < this.#endpoints.length) {
      this.#delay = this.#transport.timers.set(this.#delayMs, () => this.#attempt());
    }
    this.#transport.connect(endpoint, this.#attempts.signal).then(
      (link) => this.#answered(link),
      (error: unknown) => this.#failed(error),
    );
  }

  #answered(link: Link): void {
    this.#running--;
    if (this.#over) return link.stream.close(); // A moment too late.
    this.#finish();
    this.#resolve(link);
  }

  #failed(error: unknown): void {
    this.#running--;
    if (this.#over) return;
    if (this.#started < this.#endpoints.length) this.#attempt();
    else if (this.#running === 0) this.#lose(error);
  }

  #lose(error: unknown): void {
    this.#finish();
    this.#reject(error);
  }

  #finish(): void {
    this.#over = true;
    this.#delay?.cancel();
    this.#signal.removeEventListener("abort", this.#onAbort);
    if (this.#running > 0) this.#attempts.abort();
  }
}
