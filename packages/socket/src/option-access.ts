import { type System, systemError } from "@p2pnet/sys";
import { SocketError } from "./errors.js";

/** getsockopt(2) and setsockopt(2), with an option's name here (`label`) for what the platform does not have. */
export abstract class OptionAccess {
  protected readonly system: System;
  readonly #handle: () => number;

  constructor(system: System, handle: () => number) {
    this.system = system;
    this.#handle = handle;
  }

  protected getNumber(level: number, name: number | null, label: string): number {
    const value = new Int32Array(1);
    this.read(level, name, label, new Uint8Array(value.buffer));
    return value[0]!;
  }

  protected setNumber(level: number, name: number | null, label: string, value: number): void {
    this.write(level, name, label, new Uint8Array(Int32Array.of(value).buffer));
  }

  protected read(level: number, name: number | null, label: string, into: Uint8Array): void {
    const result = this.system.getOption(this.#handle(), level, known(name, label), into);
    if (result < 0) throw systemError("getsockopt", -result);
  }

  protected write(level: number, name: number | null, label: string, value: Uint8Array): void {
    const result = this.system.setOption(this.#handle(), level, known(name, label), value);
    if (result < 0) throw systemError("setsockopt", -result);
  }
}

function known(name: number | null, label: string): number {
  if (name !== null) return name;
  throw new SocketError("ERR_INVALID_ARG_VALUE", `${label}: expected an option of this platform, got one it lacks`);
}
