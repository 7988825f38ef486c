import { existsSync, readFileSync } from "node:fs";

const folder = new URL("../../../../shared/vectors/", import.meta.url);

/** A file of published test vectors, or null where it is not beside the repository. */
export function vectors<T>(name: string): T | null {
  const file = new URL(name, folder);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as T;
  console.warn(`not run: the vectors of ${name}, which is not there; the interop tests are`);
  return null;
}

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
