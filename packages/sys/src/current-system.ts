import { loadPosix } from "./posix.js";
import type { System } from "./system.js";

let current: System | null = null;

/**
 * The system of this machine, loaded at the first call.
 *
 * @throws FfiUnavailableError if the FFI library cannot be loaded, or knows no calls for this platform
 */
export function system(): System {
  current ??= loadPosix(process.platform, process.arch);
  return current;
}

/**
 * Puts another system in place for sockets and backends made from now on, and returns the one that was there.
 * For tests that inject faults: `replaceSystem({ ...system(), accept: () => -ENFILE })`.
 */
export function replaceSystem(replacement: System): System {
  const previous = system();
  current = replacement;
  return previous;
}
