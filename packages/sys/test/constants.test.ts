import { constants as node } from "node:os";
import { describe, expect, it } from "vitest";
import { constantsFor } from "../src/constants/constants.js";

const platforms = ["linux", "darwin", "freebsd", "win32"] as const;

describe("constantsFor", () => {
  it("has the same names for every system", () => {
    const names = Object.keys(constantsFor("linux", "x64")).sort();
    for (const platform of platforms) expect(Object.keys(constantsFor(platform, "arm64")).sort()).toEqual(names);
  });

  it("agrees with Node about the errors of this machine", () => {
    const errors = Object.entries(constantsFor(process.platform, process.arch)).filter(([name]) =>
      /^E[A-Z]+$/.test(name),
    );
    const known: { [name: string]: number } = { ...node.errno };
    const inNode = (name: string): number | undefined => known[process.platform === "win32" ? `WSA${name}` : name];
    const shared = errors.filter(([name]) => inNode(name) !== undefined);

    expect(shared.length).toBeGreaterThan(25);
    expect(shared).toEqual(shared.map(([name]) => [name, inNode(name)]));
  });

  it("says what a system lacks with null", () => {
    expect(constantsFor("linux", "x64")).toMatchObject({ SO_NOSIGPIPE: null, EVFILT_READ: null });
    expect(constantsFor("darwin", "arm64")).toMatchObject({ SOCK_CLOEXEC: null, EPOLLIN: null });
    expect(constantsFor("freebsd", "x64")).toMatchObject({ EPOLLIN: null, ENONET: null });
    expect(constantsFor("win32", "x64")).toMatchObject({ MSG_NOSIGNAL: null, O_NONBLOCK: null, EPIPE: null });
  });

  it("refuses a platform or processor that it has no table for", () => {
    expect(() => constantsFor("aix", "x64")).toThrow(
      "expected linux, darwin, freebsd or win32 on x64 or arm64, got aix",
    );
    expect(() => constantsFor("linux", "mips")).toThrow("got linux on mips");
  });
});
