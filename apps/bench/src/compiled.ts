import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { appRoot } from "./app-root.js";

/**
 * The path of a program that is compiled once: the cache knows it by its sources, and by the compiler and the flags that
 * `how` names. `compile` writes it to the path that it gets.
 */
export async function compiledOnce(
  name: string,
  how: string,
  sources: string,
  compile: (output: string) => Promise<void>,
): Promise<string> {
  const cache = join(appRoot, "node_modules", ".cache", "bench", fingerprint(how, sources));
  const program = join(cache, name);
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  // Renamed when complete: a second run beside this one never starts half a program.
  const unfinished = `${program}.${process.pid}`;
  await compile(unfinished);
  renameSync(unfinished, program);
  return program;
}

function fingerprint(how: string, folder: string): string {
  const hash = createHash("sha256").update(`${how}\n`);
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 16);
}
