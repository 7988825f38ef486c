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
    throw new FfiUnavailableError(
      `sockets: expected the FFI library koffi to load on ${where}, got: ${remedy(cause)}`,
      {
        cause,
      },
    );
  }
}

function remedy(cause: unknown): string {
  const { code, message } =
    cause instanceof Error ? (cause as NodeJS.ErrnoException) : { code: "", message: `${cause}` };
  if (code === "ERR_DLOPEN_DISABLED") return "native addons are denied; start Node with --allow-addons";
  if (code === "MODULE_NOT_FOUND") return "it is not installed; install @p2pnet/sys with its dependencies";
  return `${message} (if this platform has no binary in koffi's package, sockets cannot work here)`;
}
