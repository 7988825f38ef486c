import { isPatterned } from "../frames.js";
import type { Peer } from "./peer.js";

/** Counts what happens on the server. */
export class Desk {
  accepted = 0;
  open = 0;
  messages = 0;
  wrong = 0;
  uncaught = 0;
  afterClose = 0;
  readonly ends: Record<string, number> = {};
  readonly acceptErrors: Record<string, number> = {};
  readonly endedFrom: Record<string, number> = {};
  readonly thrownFrom: Record<string, number> = {};
  readonly held = new Set<Peer>();

  opened(): void {
    this.accepted++;
    this.open++;
  }

  received(message: Uint8Array): void {
    this.messages++;
    if (!isPatterned(message)) this.wrong++;
  }

  closed(error: Error | undefined): void {
    this.open--;
    add(this.ends, codeOf(error));
  }

  acceptFailed(error: Error): void {
    add(this.acceptErrors, codeOf(error));
  }

  endingFrom(callback: string): void {
    add(this.endedFrom, callback);
  }

  /** Throws on purpose, and counts it. */
  throwFrom(callback: string): never {
    add(this.thrownFrom, callback);
    throw new Error(`thrown on purpose in ${callback}`);
  }

  /** Ends those that are held. */
  release(): void {
    for (const peer of this.held) peer.abort();
    this.held.clear();
  }
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function codeOf(error: Error | undefined): string {
  if (error === undefined) return "clean";
  return "code" in error ? String(error.code) : error.name;
}
