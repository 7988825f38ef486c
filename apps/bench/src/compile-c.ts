import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { appRoot } from "./app-root.js";
import { compiledOnce } from "./compiled.js";
import { BenchError } from "./errors.js";
import type { Program } from "./programs.js";

const FLAGS = ["-O2", "-std=gnu11", "-Wall", "-Wextra"];

const run = promisify(execFile);

/** The C programs, and the compiler that made them, as it names itself; "none" where there is none. */
export interface CompiledC {
  readonly epollEcho: Program;
  readonly epollBroadcast: Program;
  readonly libuv: Program;
  readonly load: Program;
  readonly compiler: string;
}

export interface Compiler {
  compileAll(withLibuv: boolean): Promise<CompiledC>;
}

/** The compiler that `CC` names, or `cc`. Without one every program is missing, which is no error. */
export async function findCompiler(command: string = process.env.CC || "cc"): Promise<Compiler> {
  const version = await versionOf(command);
  if (version === null) {
    const missing = { missing: `no C compiler: "${command}" does not run (set CC, or install one)` };
    const none = { epollEcho: missing, epollBroadcast: missing, libuv: missing, load: missing, compiler: "none" };
    return { compileAll: async () => none };
  }
  const server = join(appRoot, "c", "server");
  const load = join(appRoot, "c", "load");
  const compile = (name: string, folder: string, files: readonly string[], libraries: readonly string[] = []) =>
    compileC(name, { command, version, folder, files, libraries });
  return {
    compileAll: async (withLibuv) => ({
      epollEcho: await compile("epoll-echo", server, ["epoll-echo.c"]),
      epollBroadcast: await compile("epoll-broadcast", server, ["epoll-broadcast.c"]),
      libuv: !withLibuv
        ? { missing: "was not asked for" }
        : (await hasHeader(command, "uv.h"))
          ? await compile("libuv", server, ["libuv.c"], ["-luv"])
          : { missing: "libuv's header uv.h is not installed (Debian's package is libuv1-dev)" },
      load: await compile(
        "load",
        load,
        readdirSync(load).filter((file) => file.endsWith(".c")),
      ),
      compiler: version,
    }),
  };
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
  readonly files: readonly string[];
  readonly libraries: readonly string[];
}

async function compileC(name: string, recipe: Recipe): Promise<Program> {
  const { command, version, folder, files, libraries } = recipe;
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
