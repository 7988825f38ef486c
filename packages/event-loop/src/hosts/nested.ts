import type { WaitingBackend } from "../backend.js";
import type { Host, Hosted } from "./host.js";
import type { Member, Nest } from "./nest.js";

/** Runs a waiting backend inside Node's loop, beside Node's own work and that of the thread's other loops. */
export class NestedHost implements Host, Member {
  readonly loop: Hosted;
  readonly backend: WaitingBackend;
  readonly #nest: Nest;
  referenced = true;
  running = false;

  constructor(loop: Hosted, backend: WaitingBackend, nest: Nest) {
    this.loop = loop;
    this.backend = backend;
    this.#nest = nest;
  }

  start(): void {
    this.#nest.join(this);
    this.running = true;
  }

  stop(): void {
    this.running = false;
    this.#nest.leave(this);
  }

  /** Whatever happens between turns happens in Node's phases, and a turn follows them. */
  poke(): void {}

  setReferenced(referenced: boolean): void {
    this.referenced = referenced;
    this.#nest.updateReferenced();
  }
}
