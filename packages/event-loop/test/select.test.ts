import { afterEach, describe, expect, it, vi } from "vitest";
import { availableBackends, type BackendName, EventLoop, EventLoopError } from "../src/index.js";

describe("the choice of a backend", () => {
  afterEach(() => vi.unstubAllEnvs());

  const chosen = (backend?: BackendName | "auto"): string => {
    const loop = new EventLoop(backend === undefined ? {} : { backend });
    loop.close();
    return loop.backend;
  };

  it("offers what runs on Linux, fastest first", () => {
    expect(availableBackends()).toEqual(["epoll", "poll", "libuv"]);
  });

  it.each(availableBackends())("takes %s when it is told to, whatever the environment says", (name) => {
    vi.stubEnv("P2PNET_BACKEND", name === "poll" ? "epoll" : "poll");
    expect(chosen(name)).toBe(name);
  });

  it.each([undefined, "auto" as const])("takes the fastest when it is told %s", (name) => {
    vi.stubEnv("P2PNET_BACKEND", undefined);
    expect(chosen(name)).toBe("epoll");
    vi.stubEnv("P2PNET_BACKEND", "");
    expect(chosen(name)).toBe("epoll");
    vi.stubEnv("P2PNET_BACKEND", "auto");
    expect(chosen(name)).toBe("epoll");
  });

  it.each([undefined, "auto" as const])("lets the environment force one when it is told %s", (name) => {
    vi.stubEnv("P2PNET_BACKEND", "poll");
    expect(chosen(name)).toBe("poll");
  });

  it("refuses a name that it does not know, with those that it does", () => {
    vi.stubEnv("P2PNET_BACKEND", "kqueue");
    const attempt = (): unknown => new EventLoop();
    expect(attempt).toThrow(EventLoopError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: "ERR_BACKEND_UNAVAILABLE",
        message: 'backend: expected one of auto, epoll, poll, libuv, got "kqueue"',
      }),
    );
    expect(() => new EventLoop({ backend: "iocp" as BackendName })).toThrow(
      expect.objectContaining({ code: "ERR_BACKEND_UNAVAILABLE" }),
    );
  });
});
