import type { Interest, Ready } from "./interest.js";
import type { LevelTwo } from "./streams/level-two.js";

/**
 * What a backend watches: a handle of the system's and what is wanted of it. The loop's `Watch` is one; libuv's own
 * descriptor, watched by the nested host, is another.
 */
export interface Watched {
  readonly handle: number;
  readonly sequence: number;
  readonly interest: Interest;
  /** Another event loop's own descriptor, which not every system can watch as it does a socket. */
  readonly ofLoop?: boolean;
}

/**
 * The operating system's way to say who is ready. Level-triggered: what is still so is reported again.
 *
 * The loop promises: `add` once per watch, `modify` and `remove` only after it, never an interest of 0 (no interest means
 * removed, so that a reset peer of a paused socket cannot spin), `remove` before the handle is closed, and nothing
 * after `close`. A backend promises: errors and hang-ups are reported although nobody asks for them, and a watch
 * that was removed is not reported by a later wait.
 */
interface Registry {
  /** `BackendName` of those that come with the loop; a backend of your own has a name of its own. */
  readonly name: string;
  /** Moves bytes and connections itself, instead of level 2 over readiness. */
  readonly levelTwo?: LevelTwo;
  /** @throws SystemError as epoll_ctl(2) and the like */
  add(watched: Watched): void;
  /** `watched.interest` has changed. */
  modify(watched: Watched): void;
  remove(watched: Watched): void;
  close(): void;
}

/** A backend that is asked: poll, epoll, kqueue, io_uring. */
export interface WaitingBackend extends Registry {
  readonly style: "waiting";
  /** A descriptor that is readable while a wait would find something, for another loop to watch; null without one. */
  readonly descriptor: number | null;
  /** Whether it can watch Node's own loop beside the sockets, and so wait inside of it. */
  readonly nests: boolean;
  /**
   * Waits up to `timeoutMs` milliseconds (-1: for ever, 0: not at all) and adds whatever is ready to `ready`.
   * A signal may end it early. Calls nobody.
   */
  wait(timeoutMs: number, ready: ReadyList): void;
  /**
   * Waits up to `timeoutMs` milliseconds (-1: for ever) on a thread of the FFI library's pool, takes nothing, and then
   * calls `done` on this thread: the next `wait` finds what was ready. What is changed meanwhile may be overlooked, so let
   * something that is watched already end the wait. After `close`, `done` is still called.
   */
  park(timeoutMs: number, done: () => void): void;
  /**
   * For one that keeps what it is asked until its next wait: hands that over now, because somebody else is going to wait
   * on `descriptor`.
   */
  submit?(): void;
}

/** A backend that calls by itself: libuv. */
export interface PushingBackend extends Registry {
  readonly style: "pushing";
  /** From now on, until `stop`, `sink` is called from Node's own loop whenever a watch is ready. */
  start(sink: (watched: Watched, ready: Ready) => void): void;
  /** Calls nobody any more, and keeps what is watched for the next `start`. Stopping twice is allowed. */
  stop(): void;
  /** Whether what is watched keeps the process running. */
  setReferenced(referenced: boolean): void;
}

export type Backend = WaitingBackend | PushingBackend;
export type BackendName = "poll" | "epoll" | "io_uring" | "kqueue" | "libuv";

/** Something that a backend has finished for level 2. The loop has it tell whom it concerns, in its turn. */
export interface Completion {
  complete(result: number, flags: number): void;
}

/** What one wait has found. Kept and refilled, so that a wait allocates nothing. */
export class ReadyList {
  readonly #watched: (Watched | null)[] = [];
  readonly #ready: Ready[] = [];
  readonly #completions: (Completion | null)[] = [];
  readonly #flags: number[] = [];
  length = 0;

  push(watched: Watched, ready: Ready): void {
    this.#watched[this.length] = watched;
    this.#ready[this.length] = ready;
    this.#completions[this.length] = null;
    this.length++;
  }

  /** `result` and `flags` are the completion's own. */
  pushCompletion(completion: Completion, result: number, flags: number): void {
    this.#completions[this.length] = completion;
    this.#ready[this.length] = result;
    this.#flags[this.length] = flags;
    this.#watched[this.length] = null;
    this.length++;
  }

  /** What is finished there, or null: then somebody is ready. */
  completionAt(index: number): Completion | null {
    return this.#completions[index]!;
  }

  watchedAt(index: number): Watched {
    return this.#watched[index]!;
  }

  /** Or a completion's result. */
  readyAt(index: number): Ready {
    return this.#ready[index]!;
  }

  flagsAt(index: number): number {
    return this.#flags[index]!;
  }

  /** Forgets everything, and lets go of the watches. */
  clear(): void {
    for (let index = 0; index < this.length; index++) {
      this.#watched[index] = null;
      this.#completions[index] = null;
    }
    this.length = 0;
  }
}
