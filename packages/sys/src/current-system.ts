import { ffi, unsupported, unusable } from "./load.js";
import { loadPosix } from "./posix.js";
import type { System } from "./system.js";
import { loadWinsock } from "./winsock.js";

let current: System | null = null;

/**
 * The system of this machine, loaded at the first call.
 *
 * @throws FfiUnavailableError if the FFI library cannot be loaded, or knows no calls for this platform
 */
export function system(): System {
  current ??= loadSystem(process.platform, process.arch);
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

/** @throws FfiUnavailableError */
export function loadSystem(platform: NodeJS.Platform, arch: NodeJS.Architecture): System {
  const load = loaders[platform];
  if (load === undefined || (arch !== "x64" && arch !== "arm64")) throw unsupported(platform, arch);
  ffi();
  try {
    return load(platform, arch);
  } catch (cause) {
    throw unusable(cause);
  }
}

type Loader = (platform: NodeJS.Platform, arch: NodeJS.Architecture) => System;

const loaders: { readonly [platform in NodeJS.Platform]?: Loader } = {
  linux: loadPosix,
  darwin: loadPosix,
  freebsd: loadPosix,
  win32: () => loadWinsock(),
};
