import { createRequire } from "node:module";
import type * as Koffi from "koffi";

/** The FFI library could not be loaded, or knows no calls for this platform: code `ERR_FFI_UNAVAILABLE`, and the loader's own error as `cause`. */
export class FfiUnavailableError extends Error {
  readonly code = "ERR_FFI_UNAVAILABLE";
  override readonly name = "FfiUnavailableError";
}

/** What does without native code. */
const WITHOUT = 'or use transport: "auto" of @p2pnet/connection, which does without it';

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
    const message = `sockets: expected the FFI library koffi to load on ${where}, got: ${remedy(cause)}; ${WITHOUT}`;
    throw new FfiUnavailableError(message, { cause });
  }
}

/** The error of a platform or processor whose calls nobody has declared. */
export function unsupported(platform: NodeJS.Platform, arch: string): FfiUnavailableError {
  const supported = "Linux, macOS, FreeBSD or Windows on x64 or arm64";
  return new FfiUnavailableError(`sockets: expected ${supported}, got ${platform} on ${arch}; ${WITHOUT}`);
}

/** The error of a system library that lacks a call, or does not start. */
export function unusable(cause: unknown): FfiUnavailableError {
  const reason = cause instanceof Error ? cause.message : cause;
  const message = `sockets: expected the calls of the system's library, got: ${reason}; ${WITHOUT}`;
  return new FfiUnavailableError(message, { cause });
}

/** What went wrong, and what to do about it. */
function remedy(cause: unknown): string {
  const { code, message } =
    cause instanceof Error ? (cause as NodeJS.ErrnoException) : { code: "", message: `${cause}` };
  // Deno's, which says what to allow.
  if (cause instanceof Error && cause.name === "NotCapable") return message;
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
