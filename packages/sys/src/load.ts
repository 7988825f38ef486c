import { createRequire } from "node:module";
import type * as Koffi from "koffi";

/** The FFI library could not be loaded: code `ERR_FFI_UNAVAILABLE`, and the loader's own error as `cause`. */
export class FfiUnavailableError extends Error {
  readonly code = "ERR_FFI_UNAVAILABLE";
  override readonly name = "FfiUnavailableError";
}

let loaded: typeof Koffi | null = null;

/**
 * Loads koffi on first use, so that importing a package loads no native code.
 *
 * @throws FfiUnavailableError with what to do about it
 */
export function ffi(): typeof Koffi {
  loaded ??= load(createRequire(import.meta.url));
  return loaded;
}

/** `ffi` over a given `require`, so that its failures can be tested. */
export function load(require: (name: string) => unknown): typeof Koffi {
  try {
    return require("koffi") as typeof Koffi;
  } catch (cause) {
    const where = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
    const message = `sockets: expected the FFI library koffi to load on ${where}, got: ${remedy(cause)}`;
    throw new FfiUnavailableError(message, { cause });
  }
}

/** What went wrong, and what to do about it. */
function remedy(cause: unknown): string {
  const { code, message } =
    cause instanceof Error ? (cause as NodeJS.ErrnoException) : { code: "", message: `${cause}` };
  switch (code) {
    case "ERR_DLOPEN_DISABLED":
      return "native addons are denied; start Node without --no-addons, or with --allow-addons under --permission";
    case "ERR_ACCESS_DENIED":
      return "its files may not be read; start Node with --allow-fs-read for the folder of its node_modules";
    case "MODULE_NOT_FOUND":
      return "it is not installed; install @p2pnet/sys with its dependencies";
    default:
      return `${message}; its binary is an optional dependency, so install without --omit=optional, on a platform that koffi has one for`;
  }
}
