import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FfiUnavailableError, ffi, load } from "../src/load.js";
import { jsonOf } from "./run-program.js";

/** Asks a package for its system, and prints the error. */
const report = (from: string): string => `
  const { system } = await import(${JSON.stringify(from)});
  try {
    system();
    console.log(JSON.stringify("loaded"));
  } catch ({ name, code, message, cause }) {
    console.log(JSON.stringify({ name, code, message, cause: cause?.code ?? cause?.message }));
  }`;

const here = `${process.platform} ${process.arch}, Node ${process.versions.node}`;
const without = 'or use transport: "auto" of @p2pnet/connection, which does without it';
const unavailable = (reason: string, cause: string): unknown => ({
  name: "FfiUnavailableError",
  code: "ERR_FFI_UNAVAILABLE",
  message: `sockets: expected the FFI library koffi to load on ${here}, got: ${reason}; ${without}`,
  cause,
});

// Named so by Node 20 and 22.
const permission = process.allowedNodeEnvironmentFlags.has("--permission")
  ? "--permission"
  : "--experimental-permission";
const withoutAddons =
  "native addons are denied; start Node without --no-addons, or with --allow-addons under --permission";

describe("a Node that denies what the FFI library needs", () => {
  const index = new URL("../dist/index.js", import.meta.url).href;

  it("is told to allow addons, under the permission model", () => {
    const flags = [permission, "--allow-fs-read=*"];
    expect(jsonOf(report(index), { flags })).toEqual(unavailable(withoutAddons, "ERR_DLOPEN_DISABLED"));
    expect(jsonOf(report(index), { flags: [...flags, "--allow-addons"] })).toBe("loaded");
  });

  it("is told to allow addons, under --no-addons", () => {
    expect(jsonOf(report(index), { flags: ["--no-addons"] })).toEqual(
      unavailable(withoutAddons, "ERR_DLOPEN_DISABLED"),
    );
  });

  it("is told to allow reading", () => {
    const dist = fileURLToPath(new URL("../dist", import.meta.url));
    const flags = [permission, "--allow-addons", `--allow-fs-read=${join(dist, "*")}`];
    const reason = "its files may not be read; start Node with --allow-fs-read for the folder of its node_modules";
    expect(jsonOf(report(index), { flags })).toEqual(unavailable(reason, "ERR_ACCESS_DENIED"));
  });
});

describe("an installation", () => {
  let folder = "";
  const copy = (): string => new URL(`file://${folder}/dist/index.js`).href;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "p2pnet-sys-"));
    cpSync(new URL("../dist", import.meta.url), join(folder, "dist"), { recursive: true });
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const installKoffi = (source: string): void => {
    mkdirSync(join(folder, "node_modules/koffi"), { recursive: true });
    writeFileSync(join(folder, "node_modules/koffi/index.js"), source);
  };

  it("without the FFI library is told to install it", () => {
    const reason = "it is not installed; install @p2pnet/sys with its dependencies";
    expect(jsonOf(report(copy()), { folder })).toEqual(unavailable(reason, "MODULE_NOT_FOUND"));
  });

  it("with an FFI library that cannot find its binary is told where that comes from", () => {
    installKoffi(`throw new Error("no binary for this platform");`);
    const reason =
      "no binary for this platform; its binary is an optional dependency, so install without --omit=optional, " +
      "on a platform that koffi has one for";
    expect(jsonOf(report(copy()), { folder })).toEqual(unavailable(reason, "no binary for this platform"));
  });
});

describe("load", () => {
  it("keeps the loader's own error as cause", () => {
    const cause = new Error("broken");
    const error = errorOf(() =>
      load(() => {
        throw cause;
      }),
    );
    expect(error).toBeInstanceOf(FfiUnavailableError);
    expect(error).toMatchObject({ code: "ERR_FFI_UNAVAILABLE", cause });
  });

  it("leaves it to Deno to say what to allow", () => {
    const cause = Object.assign(new Error("Requires ffi access, run again with the --allow-ffi flag"), {
      name: "NotCapable",
    });
    const error = errorOf(() =>
      load(() => {
        throw cause;
      }),
    );
    expect(error).toMatchObject({ message: expect.stringContaining(`got: ${cause.message}; or use transport`) });
  });

  it("copes with a loader that throws no Error", () => {
    const error = errorOf(() =>
      load(() => {
        throw "nonsense";
      }),
    );
    expect(error).toMatchObject({ code: "ERR_FFI_UNAVAILABLE", cause: "nonsense" });
    expect((error as Error).message).toContain("got: nonsense; its binary");
  });
});

it("the FFI library is loaded once", () => {
  expect(ffi()).toBe(ffi());
});

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("expected an error, got none");
}
