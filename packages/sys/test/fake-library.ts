import type { CLibrary } from "../src/c-function.js";
import { NativeMemory } from "../src/memory.js";

/** What a call returns, given its arguments; the negated error for a failure. */
type Result = number | ((...args: readonly unknown[]) => number);

/** A C library of any system whose calls end as told, and in 0 by default. It keeps what was called. */
export class FakeLibrary {
  readonly calls: string[] = [];
  readonly results: { [name: string]: Result } = {};
  readonly #errno = new NativeMemory(4);

  /** This, as what the FFI library would load. */
  get library(): CLibrary {
    return this as unknown as CLibrary;
  }

  func(signature: string): unknown {
    const name = /(\w+)\(/.exec(signature)![1]!;
    const errno = new Int32Array(this.#errno.bytes.buffer);
    if (name === "__errno_location" || name === "__error") return () => this.#errno.address;
    if (name === "WSAGetLastError") return () => errno[0];
    return (...args: readonly unknown[]) => {
      this.calls.push(`${name}(${args.map(shown).join(", ")})`);
      const told = this.results[name] ?? 0;
      const result = typeof told === "function" ? told(...args) : told;
      if (result >= 0) return result;
      errno[0] = -result;
      return -1;
    };
  }

  /** What a call of ours calls, and gives. */
  during(call: () => number): { result: number; calls: string[] } {
    this.calls.length = 0;
    return { result: call(), calls: [...this.calls] };
  }
}

function shown(argument: unknown): unknown {
  if (ArrayBuffer.isView(argument)) return `[${argument}]`;
  return argument;
}
