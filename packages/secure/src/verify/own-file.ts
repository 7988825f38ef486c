import type { FileHandle } from "node:fs/promises";
import { SecureError, type SecureErrorCode } from "../errors.js";

/** Rights to write of anybody but the owner. */
const OTHERS_WRITE = 0o022;
/** Windows has other rights than these, and Node tells none of them. */
const hasModes = process.platform !== "win32";

/** Rejects with a SecureError of that code if others than its owner may write the file: they would decide whom we trust. */
export async function expectOwnFile(handle: FileHandle, label: string, code: SecureErrorCode): Promise<void> {
  const { mode } = await handle.stat();
  if (!hasModes || (mode & OTHERS_WRITE) === 0) return;
  throw new SecureError(
    code,
    `${label}: expected its owner alone to write it, got mode 0${(mode & 0o777).toString(8)}`,
  );
}
