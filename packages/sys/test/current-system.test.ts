import { afterEach, describe, expect, it } from "vitest";
import { loadSystem, replaceSystem, system } from "../src/current-system.js";
import { FfiUnavailableError } from "../src/load.js";

const original = system();
afterEach(() => {
  replaceSystem(original);
});

describe("system", () => {
  it("is one object, however often it is asked for", () => {
    expect(system()).toBe(original);
  });
});

describe("replaceSystem", () => {
  it("puts another in place, for tests that inject faults", () => {
    const { ENFILE } = original.constants;
    const faulty = { ...original, accept: () => -ENFILE! };
    expect(replaceSystem(faulty)).toBe(original);
    expect(system()).toBe(faulty);
    expect(system().accept(0)).toBe(-ENFILE!);
    expect(system().close).toBe(original.close);
  });

  it("gives back what was there, so that tests can nest", () => {
    const first = { ...original };
    replaceSystem(first);
    expect(replaceSystem(original)).toBe(first);
    expect(system()).toBe(original);
  });
});

describe("a platform without calls", () => {
  it.each([
    ["sunos", "x64"],
    ["win32", "ia32"],
    ["linux", "riscv64"],
  ] as const)("is told so, and the way out: %s on %s", (platform, arch) => {
    const load = (): unknown => loadSystem(platform, arch);
    expect(load).toThrow(FfiUnavailableError);
    expect(load).toThrow(
      expect.objectContaining({
        code: "ERR_FFI_UNAVAILABLE",
        message:
          `sockets: expected Linux, macOS, FreeBSD or Windows on x64 or arm64, got ${platform} on ${arch}; ` +
          'or use transport: "auto" of @p2pnet/connection, which does without it',
      }),
    );
  });

  it("is told what its library lacks", () => {
    const other = process.platform === "win32" ? "linux" : "win32";
    const load = (): unknown => loadSystem(other, "x64");
    expect(load).toThrow(FfiUnavailableError);
    expect(load).toThrow(/^sockets: expected the calls of the system's library, got: .+; or use transport: "auto"/);
  });
});
