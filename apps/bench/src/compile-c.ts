import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { appRoot } from "./app-root.js";
import { compiledOnce } from "./compiled.js";
import { BenchError } from "./errors.js";
import type { Program } from "./program.js";

const FLAGS = ["-O2", "-std=gnu11", "-Wall", "-Wextra"];

const run = promisify(execFile);

/** The C programs, and the compiler that made them, as it names itself. */
export interface CompiledC {
  readonly epollEcho: Program;
  readonly epollBroadcast: Program;
  readonly libuv: Program;
  readonly load: Program;
  readonly compiler: string;
}

/** Compiles what is asked for with the compiler that `CC` names, or `cc`. Without one all is missing, which is no error. */
export async function compileAllC(withLibuv: boolean, command: string = process.env.CC || "cc"): Promise<CompiledC> {
  const version = await versionOf(command);
  if (version === null) {
    const missing = { missing: `no C compiler: "${command}" does not run (set CC, or install one)` };
    return { epollEcho: missing, epollBroadcast: missing, libuv: missing, load: missing, compiler: "no C compiler" };
  }
  const server = { command, version, folder: join(appRoot, "c", "server"), libraries: [] };
  const load = { ...server, folder: join(appRoot, "c", "load") };
  const loadFiles = readdirSync(load.folder).filter((file) => file.endsWith(".c"));
  return {
    epollEcho: await compileC("epoll-echo", ["epoll-echo.c"], server),
    epollBroadcast: await compileC("epoll-broadcast", ["epoll-broadcast.c"], server),
    libuv: withLibuv ? await compileLibuv(server) : { missing: "was not asked for" },
    load: await compileC("load", loadFiles, load),
    compiler: version,
  };
}

async function compileLibuv(recipe: Recipe): Promise<Program> {
  if (await hasHeader(recipe.command, "uv.h"))
    return compileC("libuv", ["libuv.c"], { ...recipe, libraries: ["-luv"] });
  return { missing: "libuv's header uv.h is not installed (Debian's package is libuv1-dev)" };
}

async function versionOf(command: string): Promise<string | null> {
  try {
    const { stdout } = await run(command, ["--version"]);
    return stdout.split("\n")[0]!;
  } catch {
    return null;
  }
}

async function hasHeader(command: string, header: string): Promise<boolean> {
  try {
    await run(command, ["-fsyntax-only", "-include", header, "-x", "c", "/dev/null"]);
    return true;
  } catch {
    return false;
  }
}

interface Recipe {
  readonly command: string;
  readonly version: string;
  readonly folder: string;
  readonly libraries: readonly string[];
}

async function compileC(name: string, files: readonly string[], recipe: Recipe): Promise<Program> {
  const { command, version, folder, libraries } = recipe;
  const how = [version, ...FLAGS, ...libraries].join(" ");
  const path = await compiledOnce(name, how, folder, async (output) => {
    try {
      await run(command, [...FLAGS, "-o", output, ...files.map((file) => join(folder, file)), ...libraries]);
    } catch (error) {
      throw new BenchError("ERR_COMPILE", `${name}: expected it to compile, got ${String(error)}`);
    }
  });
  return { path };
}
