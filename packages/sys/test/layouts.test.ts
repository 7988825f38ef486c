import { describe, expect, it } from "vitest";
import { type Field, type Layouts, layoutsFor } from "../src/layouts/layouts.js";

const systems = (["linux", "darwin", "freebsd", "win32"] as const).flatMap((platform) =>
  (["x64", "arm64"] as const).map((arch) => ({ platform, arch })),
);

/** The structs of a system, each with its fields in the order in which they lie in memory. */
function structs(layouts: Layouts): { name: string; size: number; fields: Field[] }[] {
  return Object.entries(layouts)
    .filter(([, struct]) => struct !== null)
    .map(([name, { size, fields }]: [string, { size: number; fields: { [name: string]: Field | null } }]) => ({
      name,
      size,
      fields: Object.values(fields)
        .filter((field) => field !== null)
        .sort((a, b) => a.offset - b.offset),
    }));
}

describe("layoutsFor", () => {
  it.each(systems)("lays no two fields over each other, and none past the end, on $platform $arch", (system) => {
    for (const { name, size, fields } of structs(layoutsFor(system.platform, system.arch))) {
      let end = 0;
      for (const field of fields) {
        expect(field.offset, name).toBeGreaterThanOrEqual(end);
        end = field.offset + field.size;
      }
      expect(end, name).toBeLessThanOrEqual(size);
    }
  });

  it("packs epoll_event on x64 only", () => {
    expect(layoutsFor("linux", "x64").epoll_event).toMatchObject({ size: 12, fields: { data: { offset: 4 } } });
    expect(layoutsFor("linux", "arm64").epoll_event).toMatchObject({ size: 16, fields: { data: { offset: 8 } } });
    expect(layoutsFor("darwin", "arm64").epoll_event).toBeNull();
  });

  it("knows kqueue's records, which are longer on FreeBSD", () => {
    expect(layoutsFor("darwin", "arm64").kevent?.size).toBe(32);
    expect(layoutsFor("freebsd", "x64").kevent?.size).toBe(64);
    expect(layoutsFor("linux", "x64").kevent).toBeNull();
  });

  it("gives Windows its own pollfd and linger, and no timeval", () => {
    const { pollfd, linger, timeval } = layoutsFor("win32", "x64");
    expect(pollfd).toEqual({
      size: 16,
      fields: { fd: { offset: 0, size: 8 }, events: { offset: 8, size: 2 }, revents: { offset: 10, size: 2 } },
    });
    expect(linger.size).toBe(4);
    expect(timeval).toBeNull();
  });

  it("refuses a platform or processor that it has no table for", () => {
    expect(() => layoutsFor("sunos", "x64")).toThrow(
      "expected linux, darwin, freebsd or win32 on x64 or arm64, got sunos",
    );
    expect(() => layoutsFor("linux", "ia32")).toThrow("got linux on ia32");
  });
});
