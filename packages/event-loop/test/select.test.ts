import { afterEach, describe, expect, it, vi } from "vitest";
import { backendsOf, createBackend, type Surroundings } from "../src/backends/select.js";
import { availableBackends, type BackendName, EventLoop, EventLoopError } from "../src/index.js";

const FIRST = availableBackends()[0]!;

describe("the choice of a backend", () => {
  afterEach(() => vi.unstubAllEnvs());

  const chosen = (backend?: BackendName | "auto"): string => {
    const loop = new EventLoop(backend === undefined ? {} : { backend });
    loop.close();
    return loop.backend;
  };

  it.each<{
    platform: NodeJS.Platform;
    runtime: Surroundings["runtime"];
    library?: string;
    rings?: boolean;
    names: BackendName[];
  }>([
    { platform: "linux", runtime: "node", names: ["epoll", "poll", "libuv"] },
    { platform: "linux", runtime: "node", rings: true, names: ["epoll", "io_uring", "poll", "libuv"] },
    { platform: "linux", runtime: "bun", rings: true, names: ["epoll", "io_uring", "poll"] },
    { platform: "linux", runtime: "bun", names: ["epoll", "poll"] },
    { platform: "linux", runtime: "deno", names: ["epoll", "poll"] },
    { platform: "linux", runtime: "node", library: "libkqueue.so", names: ["epoll", "kqueue", "poll", "libuv"] },
    { platform: "linux", runtime: "node", library: "", names: ["epoll", "poll", "libuv"] },
    { platform: "darwin", runtime: "node", rings: true, names: ["kqueue", "poll", "libuv"] },
    { platform: "darwin", runtime: "bun", names: ["kqueue", "poll"] },
    { platform: "freebsd", runtime: "node", names: ["kqueue", "poll", "libuv"] },
    { platform: "win32", runtime: "node", names: ["libuv", "poll"] },
    { platform: "win32", runtime: "deno", names: ["poll"] },
    { platform: "win32", runtime: "node", library: "libkqueue.dll", names: ["libuv", "poll"] },
  ])(
    "offers what runs on $platform under $runtime, fastest first: $names",
    ({ platform, runtime, library, rings, names }) => {
      const whyNoIoUring = (): string | null => (rings ? null : "it is forbidden");
      const where = { platform, runtime, kqueueLibrary: library, whyNoIoUring };
      expect(backendsOf(where)).toEqual(names);
      const missing = (["epoll", "io_uring", "kqueue", "poll", "libuv"] as const).filter(
        (name) => !names.includes(name),
      );
      for (const name of missing) {
        const why = name === "io_uring" && platform === "linux" ? ": it is forbidden" : "";
        expect(() => createBackend(name, where)).toThrow(
          expect.objectContaining({
            code: "ERR_BACKEND_UNAVAILABLE",
            message: `backend: expected one of auto, ${names.join(", ")}, got "${name}"${why}`,
          }),
        );
      }
    },
  );

  it.each(availableBackends())("takes %s when it is told to, whatever the environment says", (name) => {
    vi.stubEnv("P2PNET_BACKEND", availableBackends().find((other) => other !== name) ?? name);
    expect(chosen(name)).toBe(name);
  });

  it.each([undefined, "auto" as const])("takes the fastest when it is told %s", (name) => {
    vi.stubEnv("P2PNET_BACKEND", undefined);
    expect(chosen(name)).toBe(FIRST);
    vi.stubEnv("P2PNET_BACKEND", "");
    expect(chosen(name)).toBe(FIRST);
    vi.stubEnv("P2PNET_BACKEND", "auto");
    expect(chosen(name)).toBe(FIRST);
  });

  it.each([undefined, "auto" as const])("lets the environment force one when it is told %s", (name) => {
    vi.stubEnv("P2PNET_BACKEND", "poll");
    expect(chosen(name)).toBe("poll");
  });

  it("refuses a name that it does not know, with those that it does", () => {
    vi.stubEnv("P2PNET_BACKEND", "iocp");
    const attempt = (): unknown => new EventLoop();
    expect(attempt).toThrow(EventLoopError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: "ERR_BACKEND_UNAVAILABLE",
        message: `backend: expected one of auto, ${availableBackends().join(", ")}, got "iocp"`,
      }),
    );
    expect(() => new EventLoop({ backend: "iocp" as BackendName })).toThrow(
      expect.objectContaining({ code: "ERR_BACKEND_UNAVAILABLE" }),
    );
  });

  it.runIf(availableBackends().includes("epoll"))("asks whether io_uring is allowed only when it is wanted", () => {
    vi.stubEnv("P2PNET_BACKEND", undefined);
    const whyNoIoUring = (): string => expect.unreachable();
    const backend = createBackend("auto", {
      platform: "linux",
      runtime: "node",
      kqueueLibrary: undefined,
      whyNoIoUring,
    });
    backend.close();
    expect(backend.name).toBe("epoll");
  });

  it("tells why a library for kqueue cannot be had", () => {
    const attempt = (): unknown =>
      createBackend("kqueue", {
        platform: "linux",
        runtime: "node",
        kqueueLibrary: "/nowhere/libkqueue.so",
        whyNoIoUring: () => null,
      });
    expect(attempt).toThrow(expect.objectContaining({ code: "ERR_KQUEUE_UNAVAILABLE" }));
  });
});
