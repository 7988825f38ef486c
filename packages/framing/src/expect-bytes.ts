import { ArgumentTypeError } from "./errors.js";

/**
 * Throws unless `value` is a `Uint8Array` (a Node `Buffer` is one).
 *
 * @throws ArgumentTypeError (`ERR_INVALID_ARG_TYPE`)
 */
export function expectBytes(label: string, value: unknown): void {
  if (value instanceof Uint8Array || isBytesOfAnotherRealm(value)) return;
  throw new ArgumentTypeError(`${label}: expected a Uint8Array, got ${describe(value)}`);
}

/** An array made in another window, iframe or `vm` context has another `Uint8Array` constructor. */
function isBytesOfAnotherRealm(value: unknown): boolean {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return value.constructor?.name ?? "an object";
}
