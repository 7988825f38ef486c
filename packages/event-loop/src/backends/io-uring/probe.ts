import { isSystemError, type System, system } from "@p2pnet/sys";
import { Received } from "../../streams/received.js";
import { ReceiveBuffers } from "./receive-buffers.js";
import { Ring } from "./ring.js";

/** Looked for once for each system: it is a dozen calls. */
const found = new WeakMap<System, string | null>();

/** Why a loop cannot run on io_uring here, or null if it can. */
export function whyNoIoUring(): string | null {
  const sys = system();
  let reason = found.get(sys);
  if (reason === undefined) {
    reason = sys.ioUring === null ? "it is a part of Linux" : look();
    found.set(sys, reason);
  }
  return reason;
}

function look(): string | null {
  try {
    const ring = new Ring(8);
    try {
      return lacking(ring);
    } finally {
      ring.close();
    }
  } catch (error) {
    return isSystemError(error) ? refusal(error.code) : String(error);
  }
}

/** What a refused ring means. Null: nothing that lasts, so that a loop may try. */
function refusal(code: string): string | null {
  switch (code) {
    case "ENOSYS":
      return "the kernel has no io_uring (ENOSYS), or a sandbox hides it";
    case "EPERM":
    case "EACCES":
      return `the system forbids it (${code}): see the sysctl kernel.io_uring_disabled, and the container's seccomp profile`;
    case "EINVAL":
      return "it needs Linux 6.1 or newer, which can leave the kernel's part to the thread's own calls (EINVAL)";
    default:
      return null;
  }
}

/** What an older or reduced kernel lacks. @throws SystemError where it has no rings of buffers */
function lacking(ring: Ring): string | null {
  const sys = system();
  const { constants } = sys.ioUring!;
  const needed = ["SINGLE_MMAP", "NODROP", "SUBMIT_STABLE", "FAST_POLL", "EXT_ARG"] as const;
  const missing = needed.filter((name) => (ring.features & constants[`IORING_FEAT_${name}`]) === 0);
  if (missing.length > 0) return `the kernel's io_uring lacks ${missing.join(", ")}`;
  new ReceiveBuffers(sys, ring.registered, 0, new Received());
  return null;
}
