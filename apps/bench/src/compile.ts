import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { appRoot } from "./app-root.js";
import { BenchError } from "./errors.js";

const FLAGS = ["-O2", "-std=gnu11", "-Wall", "-Wextra"];

const run = promisify(execFile);

/** The compiled C programs, as paths, and the compiler that made them, as it names itself. */
export interface NativePrograms {
  readonly epollEcho: string;
  readonly load: string;
  readonly compiler: string;
}

/** Compiles both C programs, or finds them compiled: the cache knows them by their sources, flags and compiler. */
export async function compileNativePrograms(compiler: string = process.env.CC ?? "cc"): Promise<NativePrograms> {
  const version = await compilerVersion(compiler);
  const cache = join(appRoot, "node_modules", ".cache", "bench", fingerprint(version));
  mkdirSync(cache, { recursive: true });
  return {
    epollEcho: await compile(compiler, "epoll-echo", cache),
    load: await compile(compiler, "load", cache),
    compiler: version,
  };
}

async function compilerVersion(compiler: string): Promise<string> {
  try {
    const { stdout } = await run(compiler, ["--version"]);
    return stdout.split("\n")[0]!;
  } catch {
    throw new BenchError(
      "ERR_NO_COMPILER",
      `C compiler: expected "${compiler}" to run, got none (set CC, or install one)`,
    );
  }
}

function fingerprint(version: string): string {
  const hash = createHash("sha256").update(`${version}\n${FLAGS.join(" ")}\n`);
  const folder = join(appRoot, "c");
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex").slice(0, 16);
}

async function compile(compiler: string, name: string, cache: string): Promise<string> {
  const program = join(cache, name);
  if (existsSync(program)) return program;
  // Renamed when complete: a second run beside this one never starts half a program.
  const unfinished = `${program}.${process.pid}`;
  try {
    await run(compiler, [...FLAGS, "-o", unfinished, join(appRoot, "c", `${name}.c`)]);
  } catch (error) {
    throw new BenchError("ERR_COMPILE", `${name}.c: expected it to compile, got ${String(error)}`);
  }
  renameSync(unfinished, program);
  return program;
}
