import { NativeMemory, type System, system, systemError } from "@p2pnet/sys";
import type { BackendName, ReadyList, WaitingBackend, Watched } from "../backend.js";
import { FAILED, HANGUP, type Interest, READABLE, type Ready, WRITABLE } from "../interest.js";

const FIRST_CAPACITY = 16;

/**
 * poll(2): an array of records, handed over and looked through at each wait. On every Unix; its cost grows with what is
 * watched, ready or not. The array starts at 16 records and doubles; removal is a swap with the last.
 */
export class PollBackend implements WaitingBackend {
  readonly name: BackendName = "poll";
  readonly style = "waiting";
  readonly descriptor = null;
  readonly #system: System;
  readonly #watched: Watched[] = [];
  readonly #indexOf = new Map<Watched, number>();
  #records: NativeMemory;
  #view: DataView;

  constructor() {
    this.#system = system();
    this.#records = new NativeMemory(FIRST_CAPACITY * this.#system.layouts.pollfd.size);
    this.#view = new DataView(this.#records.bytes.buffer);
  }

  /** Records that there is room for. */
  get capacity(): number {
    return this.#records.bytes.length / this.#system.layouts.pollfd.size;
  }

  add(watched: Watched): void {
    const index = this.#watched.length;
    if (index === this.capacity) this.#grow();
    this.#watched.push(watched);
    this.#indexOf.set(watched, index);
    this.#write(index, watched);
  }

  modify(watched: Watched): void {
    this.#write(this.#indexOf.get(watched)!, watched);
  }

  remove(watched: Watched): void {
    const index = this.#indexOf.get(watched)!;
    const last = this.#watched.pop()!;
    this.#indexOf.delete(watched);
    if (last === watched) return;
    this.#watched[index] = last;
    this.#indexOf.set(last, index);
    this.#write(index, last);
  }

  wait(timeoutMs: number, ready: ReadyList): void {
    const { size, fields } = this.#system.layouts.pollfd;
    const count = this.#system.poll(this.#records.address, this.#watched.length, timeoutMs);
    if (count < 0) throw systemError("poll", -count);
    for (let index = 0, left = count; left > 0; index++) {
      const revents = this.#view.getInt16(index * size + fields.revents.offset, true);
      if (revents === 0) continue;
      left--;
      ready.push(this.#watched[index]!, toReady(revents));
    }
  }

  close(): void {
    this.#watched.length = 0;
    this.#indexOf.clear();
  }

  #write(index: number, watched: Watched): void {
    const { size, fields } = this.#system.layouts.pollfd;
    this.#view.setInt32(index * size + fields.fd.offset, watched.handle, true);
    this.#view.setInt16(index * size + fields.events.offset, toEvents(watched.interest), true);
    this.#view.setInt16(index * size + fields.revents.offset, 0, true);
  }

  #grow(): void {
    const larger = new NativeMemory(this.#records.bytes.length * 2);
    larger.bytes.set(this.#records.bytes);
    this.#records = larger;
    this.#view = new DataView(larger.bytes.buffer);
  }
}

// POLLIN 1, POLLOUT 4, POLLERR 8, POLLHUP 0x10, POLLNVAL 0x20 (<poll.h>, the same on every Unix).
function toEvents(interest: Interest): number {
  return (interest & READABLE ? 1 : 0) | (interest & WRITABLE ? 4 : 0);
}

function toReady(revents: number): Ready {
  return (
    (revents & 1 ? READABLE : 0) |
    (revents & 4 ? WRITABLE : 0) |
    (revents & 8 ? FAILED : 0) |
    (revents & 16 ? HANGUP : 0) |
    // The handle was closed behind the loop's back: the next call on it says EBADF.
    (revents & 32 ? FAILED | READABLE | WRITABLE : 0)
  );
}
