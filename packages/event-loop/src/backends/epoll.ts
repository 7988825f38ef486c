import { NativeMemory, type System, system, systemError } from "@p2pnet/sys";
import type { BackendName, ReadyList, WaitingBackend, Watched } from "../backend.js";
import { FAILED, HANGUP, type Interest, READABLE, type Ready, WRITABLE } from "../interest.js";
import { PendingWaits } from "./pending-waits.js";

/** Events taken from the kernel at once. More wait for the next turn, which is fair: the kernel serves them in a ring. */
const EVENTS = 1024;

/** epoll(7): the kernel keeps the set, and a wait costs what is ready, however many are idle. Linux. */
export class EpollBackend implements WaitingBackend {
  readonly name: BackendName = "epoll";
  readonly style = "waiting";
  readonly nests = true;
  readonly #system: System;
  readonly descriptor: number;
  readonly #byHandle: (Watched | undefined)[] = [];
  readonly #events: NativeMemory;
  readonly #words: Uint32Array;
  /** 32-bit words per event, and from one to its data: packed on x64 (3, 1), aligned elsewhere (4, 2). */
  readonly #stride: number;
  readonly #data: number;
  readonly #change: NativeMemory;
  readonly #changeWords: Uint32Array;
  readonly #pending = new PendingWaits();
  /** For one event of a wait on another thread, which nobody looks at. */
  readonly #unread: NativeMemory;

  constructor() {
    const sys = system();
    const { size, fields } = sys.layouts.epoll_event!;
    this.#system = sys;
    this.#stride = size / 4;
    this.#data = fields.data.offset / 4;
    this.#events = new NativeMemory(EVENTS * size);
    this.#words = new Uint32Array(this.#events.bytes.buffer);
    this.#change = new NativeMemory(size);
    this.#changeWords = new Uint32Array(this.#change.bytes.buffer);
    this.#unread = new NativeMemory(size);
    this.descriptor = sys.epollCreate();
    if (this.descriptor < 0) throw systemError("epoll_create1", -this.descriptor);
  }

  add(watched: Watched): void {
    this.#control(this.#system.constants.EPOLL_CTL_ADD!, watched);
    this.#byHandle[watched.handle] = watched;
  }

  modify(watched: Watched): void {
    this.#control(this.#system.constants.EPOLL_CTL_MOD!, watched);
  }

  remove(watched: Watched): void {
    // Closed behind the loop's back, its number may be another's by now.
    if (this.#byHandle[watched.handle] !== watched) return;
    this.#byHandle[watched.handle] = undefined;
    const { EPOLL_CTL_DEL, EBADF, ENOENT } = this.#system.constants;
    const result = this.#system.epollControl(this.descriptor, EPOLL_CTL_DEL!, watched.handle, 0);
    // Closed behind the loop's back, the kernel has forgotten it already.
    if (result < 0 && -result !== EBADF && -result !== ENOENT) throw systemError("epoll_ctl", -result);
  }

  wait(timeoutMs: number, ready: ReadyList): void {
    const count = this.#system.epollWait(this.descriptor, this.#events.address, EVENTS, timeoutMs);
    if (count < 0) throw systemError("epoll_wait", -count);
    const words = this.#words;
    for (let index = 0, at = 0; index < count; index++, at += this.#stride) {
      const watched = this.#byHandle[words[at + this.#data]!];
      // The sequence tells a stale event: another description of a closed handle may live on in a child process.
      if (watched !== undefined && watched.sequence === words[at + this.#data + 1]) {
        ready.push(watched, toReady(words[at]!));
      }
    }
  }

  park(timeoutMs: number, done: () => void): void {
    const over = this.#pending.begin(this.#unread, done);
    this.#system.epollWaitAsync(this.descriptor, this.#unread.address, 1, timeoutMs, over);
  }

  close(): void {
    this.#pending.whenOver(() => void this.#system.close(this.descriptor));
  }

  #control(operation: number, watched: Watched): void {
    this.#changeWords[0] = toEvents(watched.interest);
    this.#changeWords[this.#data] = watched.handle;
    this.#changeWords[this.#data + 1] = watched.sequence;
    const result = this.#system.epollControl(this.descriptor, operation, watched.handle, this.#change.address);
    if (result < 0) throw systemError("epoll_ctl", -result);
  }
}

// EPOLLIN 1, EPOLLOUT 4, EPOLLERR 8, EPOLLHUP 0x10 (<sys/epoll.h>): literals, because these two run per event.
function toEvents(interest: Interest): number {
  return (interest & READABLE ? 1 : 0) | (interest & WRITABLE ? 4 : 0);
}

function toReady(events: number): Ready {
  return (
    (events & 1 ? READABLE : 0) | (events & 4 ? WRITABLE : 0) | (events & 8 ? FAILED : 0) | (events & 16 ? HANGUP : 0)
  );
}
