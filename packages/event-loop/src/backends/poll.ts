import { type System, system, systemError } from "@p2pnet/sys";
import type { BackendName, ReadyList, WaitingBackend, Watched } from "../backend.js";
import { PendingWaits } from "./pending-waits.js";
import { PollRecords } from "./poll-records.js";

/**
 * poll(2), and WSAPoll on Windows: an array of records, handed over and looked through at each wait. It runs everywhere;
 * its cost grows with what is watched, ready or not. Removal is a swap with the last.
 */
export class PollBackend implements WaitingBackend {
  readonly name: BackendName = "poll";
  readonly style = "waiting";
  readonly descriptor = null;
  readonly nests = true;
  readonly #system: System;
  readonly #watched: Watched[] = [];
  readonly #indexOf = new Map<Watched, number>();
  readonly #records: PollRecords;
  readonly #pending = new PendingWaits();
  /** Closed handles are among what the system counts. Not so on Windows, where one alone makes the call fail. */
  readonly #countsClosed: boolean;

  constructor() {
    this.#system = system();
    this.#records = new PollRecords(this.#system);
    this.#countsClosed = this.#system.layouts.pollfd.fields.fd.size === 4;
  }

  /** Records that there is room for. */
  get capacity(): number {
    return this.#records.capacity;
  }

  add(watched: Watched): void {
    const index = this.#watched.length;
    this.#watched.push(watched);
    this.#indexOf.set(watched, index);
    this.#records.write(index, watched.handle, watched.interest);
  }

  modify(watched: Watched): void {
    this.#records.write(this.#indexOf.get(watched)!, watched.handle, watched.interest);
  }

  remove(watched: Watched): void {
    const index = this.#indexOf.get(watched)!;
    const last = this.#watched.pop()!;
    this.#indexOf.delete(watched);
    if (last === watched) return;
    this.#watched[index] = last;
    this.#indexOf.set(last, index);
    this.#records.write(index, last.handle, last.interest);
  }

  wait(timeoutMs: number, ready: ReadyList): void {
    const count = this.#system.poll(this.#records.address, this.#watched.length, timeoutMs);
    let left = count;
    if (count <= 0 && !this.#countsClosed) left = this.#watched.length;
    const before = ready.length;
    for (let index = 0; left > 0 && index < this.#watched.length; index++) {
      const found = this.#records.ready(index);
      if (found === 0) continue;
      left--;
      ready.push(this.#watched[index]!, found);
    }
    if (count < 0 && ready.length === before) throw systemError("poll", -count);
  }

  park(timeoutMs: number, done: () => void): void {
    const count = this.#watched.length;
    const records = this.#records.copy(count);
    this.#system.pollAsync(records.address, count, timeoutMs, this.#pending.begin(records, done));
  }

  close(): void {
    this.#watched.length = 0;
    this.#indexOf.clear();
  }
}
