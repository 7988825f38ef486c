import { type Constants, constantsFor, type KqueueCalls, layoutsFor } from "@p2pnet/sys";
import { openBell } from "../src/mailbox-bell.js";
import { ForeignMemory } from "./foreign-memory.js";

type Numbers<Names extends keyof Constants> = { readonly [name in Names]: number };

export const KQUEUE: KqueueCalls["constants"] = constantsFor("darwin", "arm64") as Constants &
  Numbers<keyof KqueueCalls["constants"]>;
const LAYOUT = layoutsFor("darwin", "arm64").kevent!;

export interface ScriptedEvent {
  readonly ident: number;
  readonly filter: number;
  readonly flags?: number;
  readonly fflags?: number;
  readonly udata: number;
}

/** A kqueue of macOS that finds what it is told to, and keeps what it is asked. Its descriptor is a socket. */
export class ScriptedKqueue implements KqueueCalls {
  readonly constants = KQUEUE;
  readonly layout = LAYOUT;
  /** Such as `add read 7`, or `wait 0`. */
  readonly asked: string[] = [];
  /** What the next wait finds. */
  events: ScriptedEvent[] = [];
  /** The error of a change, by what `asked` says of it. */
  readonly failures = new Map<string, number>();
  readonly bell = openBell();
  readonly #memory = new ForeignMemory();

  create(): number {
    return this.bell.handle;
  }

  kevent(
    _: number,
    changes: number,
    changeCount: number,
    events: number,
    eventCount: number,
    timeoutMs: number,
  ): number {
    if (changeCount === 1) return this.#change(changes);
    this.asked.push(`wait ${timeoutMs}`);
    const found = this.events.splice(0, eventCount);
    for (const [index, event] of found.entries()) this.#memory.write(events + index * LAYOUT.size, record(event));
    return found.length;
  }

  keventAsync(): void {
    throw new Error("keventAsync: expected no call");
  }

  close(): void {
    this.bell.close();
    this.#memory.close();
  }

  #change(address: number): number {
    const change = this.#memory.read(address, LAYOUT.size);
    const { ident, filter, flags } = LAYOUT.fields;
    const deed = change.getUint16(flags.offset, true) === KQUEUE.EV_ADD ? "add" : "delete";
    const what = change.getInt16(filter.offset, true) === KQUEUE.EVFILT_READ ? "read" : "write";
    const asked = `${deed} ${what} ${change.getUint32(ident.offset, true)}`;
    this.asked.push(asked);
    return -(this.failures.get(asked) ?? 0);
  }
}

function record({ ident, filter, flags = 0, fflags = 0, udata }: ScriptedEvent): DataView {
  const view = new DataView(new ArrayBuffer(LAYOUT.size));
  view.setUint32(LAYOUT.fields.ident.offset, ident, true);
  view.setInt16(LAYOUT.fields.filter.offset, filter, true);
  view.setUint16(LAYOUT.fields.flags.offset, flags, true);
  view.setUint32(LAYOUT.fields.fflags.offset, fflags, true);
  view.setUint32(LAYOUT.fields.udata.offset, udata, true);
  return view;
}
