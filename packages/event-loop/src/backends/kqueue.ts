import { type KqueueCalls, type System, system, systemError } from "@p2pnet/sys";
import { type BackendName, ReadyList, type WaitingBackend, type Watched } from "../backend.js";
import { FAILED, HANGUP, type Interest, READABLE, type Ready, WRITABLE } from "../interest.js";
import { KeventRecords } from "./kevent-records.js";
import { PendingWaits } from "./pending-waits.js";
import { PollBackend } from "./poll.js";

/** Events taken from the kernel at once. More wait for the next turn. */
const EVENTS = 1024;

/** What is watched, and which of its filters the kernel has. */
interface Entry {
  readonly watched: Watched;
  filters: Interest;
  /** What the wait under way has found; the kernel tells of reading and of writing in two events. */
  found: Ready;
}

/**
 * kqueue(2): the kernel keeps the set, and a wait costs what is ready, however many are idle. macOS and FreeBSD; elsewhere
 * over libkqueue, blocking or parked.
 *
 * Other loops' descriptors, libuv's above all, are kqueues too. A kqueue does not tell reliably of one within it, so those
 * stand beside it in a poll(2), which waits for all of them (https://docs.libuv.org/en/v1.x/loop.html, uv_backend_fd).
 */
export class KqueueBackend implements WaitingBackend {
  readonly name: BackendName = "kqueue";
  readonly style = "waiting";
  readonly descriptor: number | null;
  readonly nests: boolean;
  readonly #queue: number;
  readonly #system: System;
  readonly #calls: KqueueCalls;
  readonly #entries: (Entry | undefined)[] = [];
  readonly #change: KeventRecords;
  readonly #events: KeventRecords;
  readonly #unread: KeventRecords;
  readonly #found: Entry[] = [];
  readonly #pending = new PendingWaits();
  /** The queue and other loops' descriptors; null without any. */
  #beside: PollBackend | null = null;
  #loops = 0;
  readonly #besideReady = new ReadyList();

  /** @throws SystemError as kqueue(2) */
  constructor(calls: KqueueCalls) {
    this.#system = system();
    this.#calls = calls;
    this.#change = new KeventRecords(calls.layout, 1);
    this.#events = new KeventRecords(calls.layout, EVENTS);
    this.#unread = new KeventRecords(calls.layout, 1);
    this.#queue = calls.create();
    if (this.#queue < 0) throw systemError("kqueue", -this.#queue);
    // Only the system's own: libkqueue's descriptor never becomes readable.
    this.nests = this.#system.constants.EV_ADD !== null;
    this.descriptor = this.nests ? this.#queue : null;
  }

  add(watched: Watched): void {
    if (watched.ofLoop) return this.#addLoop(watched);
    const entry: Entry = { watched, filters: 0, found: 0 };
    this.#setFilters(entry, watched.interest);
    this.#entries[watched.handle] = entry;
  }

  modify(watched: Watched): void {
    const entry = this.#entries[watched.handle];
    if (entry?.watched === watched) this.#setFilters(entry, watched.interest);
  }

  remove(watched: Watched): void {
    if (watched.ofLoop) return this.#removeLoop(watched);
    const entry = this.#entries[watched.handle];
    // Closed behind the loop's back, its number may be another's by now.
    if (entry?.watched !== watched) return;
    this.#entries[watched.handle] = undefined;
    this.#setFilters(entry, 0);
  }

  wait(timeoutMs: number, ready: ReadyList): void {
    const timeout = this.#beside === null ? timeoutMs : this.#waitBeside(this.#beside, timeoutMs, ready);
    const events = this.#events;
    const count = this.#calls.kevent(this.#queue, 0, 0, events.address, EVENTS, timeout);
    if (count < 0) throw systemError("kevent", -count);
    for (let index = 0; index < count; index++) {
      const entry = this.#entries[events.ident(index)];
      // The sequence tells an event of a registration that is over.
      if (entry?.watched.sequence !== events.udata(index)) continue;
      if (entry.found === 0) this.#found.push(entry);
      entry.found |= this.#toReady(index);
    }
    for (const entry of this.#found) {
      ready.push(entry.watched, entry.found);
      entry.found = 0;
    }
    this.#found.length = 0;
  }

  park(timeoutMs: number, done: () => void): void {
    const { address, memory } = this.#unread;
    this.#calls.keventAsync(this.#queue, 0, 0, address, 1, timeoutMs, this.#pending.begin(memory, done));
  }

  close(): void {
    this.#beside?.close();
    this.#pending.whenOver(() => void this.#system.close(this.#queue));
  }

  /** Adds what is wanted and missing, then takes away what is not: on an error the kernel has what it had. */
  #setFilters(entry: Entry, wanted: Interest): void {
    const { EV_ADD, EV_DELETE } = this.#calls.constants;
    const { EBADF, ENOENT } = this.#system.constants;
    const before = entry.filters;
    for (const filter of [READABLE, WRITABLE]) {
      if ((wanted & filter) === 0 || (entry.filters & filter) !== 0) continue;
      const result = this.#apply(entry.watched, filter, EV_ADD);
      if (result < 0) {
        this.#setFilters(entry, before);
        throw systemError("kevent", -result);
      }
      entry.filters |= filter;
    }
    for (const filter of [READABLE, WRITABLE]) {
      if ((wanted & filter) !== 0 || (entry.filters & filter) === 0) continue;
      const result = this.#apply(entry.watched, filter, EV_DELETE);
      // Closed behind the loop's back, the kernel has forgotten it already.
      if (result < 0 && -result !== EBADF && -result !== ENOENT) throw systemError("kevent", -result);
      entry.filters &= ~filter;
    }
  }

  /** Without room for events a change that fails is the call's own error. */
  #apply({ handle, sequence }: Watched, filter: Interest, flags: number): number {
    const { EVFILT_READ, EVFILT_WRITE } = this.#calls.constants;
    this.#change.write(0, handle, filter === READABLE ? EVFILT_READ : EVFILT_WRITE, flags, sequence);
    return this.#calls.kevent(this.#queue, this.#change.address, 1, 0, 0, 0);
  }

  #toReady(index: number): Ready {
    const { EV_EOF, EV_ERROR, EVFILT_READ } = this.#calls.constants;
    const flags = this.#events.flags(index);
    const ready = this.#events.filter(index) === EVFILT_READ ? READABLE : WRITABLE;
    if (flags & EV_ERROR) return ready | FAILED;
    if ((flags & EV_EOF) === 0) return ready;
    // The peer's end, which ends reading only, or with an error both.
    const failed = this.#events.fflags(index) === 0 ? 0 : FAILED;
    return ready | failed | (ready === WRITABLE ? HANGUP : 0);
  }

  #addLoop(watched: Watched): void {
    if (this.#beside === null) {
      this.#beside = new PollBackend();
      this.#beside.add({ handle: this.#queue, sequence: 0, interest: READABLE });
    }
    this.#beside.add(watched);
    this.#loops++;
  }

  #removeLoop(watched: Watched): void {
    this.#beside?.remove(watched);
    this.#loops--;
    if (this.#loops === 0) this.#beside = null;
  }

  /** Waits for the queue and the other loops. How long to wait for the queue after that: not at all. */
  #waitBeside(beside: PollBackend, timeoutMs: number, ready: ReadyList): number {
    const found = this.#besideReady;
    beside.wait(timeoutMs, found);
    for (let index = 0; index < found.length; index++) {
      const watched = found.watchedAt(index);
      if (watched.ofLoop) ready.push(watched, found.readyAt(index));
    }
    found.clear();
    return 0;
  }
}
