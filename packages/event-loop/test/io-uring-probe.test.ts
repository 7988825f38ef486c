import { type IoUringCalls, replaceSystem, system } from "@p2pnet/sys";
import { afterEach, describe, expect, it, vi } from "vitest";
import { whyNoIoUring } from "../src/backends/io-uring/probe.js";
import { availableBackends, EventLoop } from "../src/index.js";

const real = system();
const { ENOSYS, EPERM, EACCES, EINVAL, EMFILE, ENOMEM } = real.constants;

/** A system whose io_uring differs from the real one. */
function replaceRings(change: Partial<IoUringCalls> | null): void {
  replaceSystem({ ...real, ioUring: change === null ? null : { ...real.ioUring!, ...change } });
}

/** What a loop that is told to run on io_uring throws. */
const forced = (): unknown => new EventLoop({ backend: "io_uring" });

describe("looking for io_uring", () => {
  afterEach(() => {
    replaceSystem(real);
    vi.unstubAllEnvs();
  });

  const refusals = [
    { errno: ENOSYS!, code: "ENOSYS", reason: "the kernel has no io_uring" },
    { errno: EPERM!, code: "EPERM", reason: "sysctl kernel.io_uring_disabled" },
    { errno: EACCES, code: "EACCES", reason: "seccomp" },
    { errno: EINVAL, code: "EINVAL", reason: "it needs Linux 6.1 or newer" },
  ];

  it.skipIf(process.platform !== "linux").each(refusals)(
    "tells why there is none when the system answers $code, and auto takes another",
    ({ errno, code, reason }) => {
      replaceRings({ setup: () => -errno });
      expect(whyNoIoUring()).toContain(reason);
      expect(whyNoIoUring()).toContain(code);
      expect(availableBackends()).not.toContain("io_uring");
      expect(forced).toThrow(
        expect.objectContaining({
          code: "ERR_BACKEND_UNAVAILABLE",
          message: expect.stringContaining(`got "io_uring": ${whyNoIoUring()}`) as unknown as string,
        }),
      );
      vi.stubEnv("P2PNET_BACKEND", undefined);
      const loop = new EventLoop();
      loop.close();
      expect(loop.backend).toBe("epoll");
    },
  );

  it("tells that it is a part of Linux where there are no such calls", () => {
    replaceRings(null);
    expect(whyNoIoUring()).toBe("it is a part of Linux");
    expect(availableBackends()).not.toContain("io_uring");
  });

  const missing = availableBackends().includes("io_uring") ? null : whyNoIoUring();
  const needs = missing === null ? "" : `, which needs io_uring: ${missing}`;

  it.skipIf(missing !== null)(`tells what an older kernel lacks${needs}`, () => {
    replaceRings({
      setup(entries, parameters) {
        const ring = real.ioUring!.setup(entries, parameters);
        const { features } = real.ioUring!.layouts.io_uring_params.fields;
        new DataView(parameters.buffer).setUint32(features.offset, 0x1f, true);
        return ring;
      },
    });
    expect(whyNoIoUring()).toBe("the kernel's io_uring lacks FAST_POLL, EXT_ARG");
  });

  it.skipIf(missing !== null)(`tells that there are no rings of buffers${needs}`, () => {
    replaceRings({ register: () => -EINVAL });
    expect(whyNoIoUring()).toContain("it needs Linux 6.1 or newer");
  });

  it.skipIf(missing !== null)(
    `tells what is short as an error of the system's, and closes what it opened${needs}`,
    () => {
      const opened = new Set<number>();
      const closed = new Set<number>();
      const fail = (change: Partial<IoUringCalls>, code: string): void => {
        const setup = (entries: number, parameters: Uint8Array): number => {
          const ring = real.ioUring!.setup(entries, parameters);
          opened.add(ring);
          return ring;
        };
        const close = (handle: number): number => {
          closed.add(handle);
          return real.close(handle);
        };
        replaceSystem({ ...real, close, ioUring: { ...real.ioUring!, setup, ...change } });
        expect(whyNoIoUring()).toBeNull();
        expect(forced).toThrow(expect.objectContaining({ code }));
      };
      fail({ setup: () => -EMFILE }, "EMFILE");
      fail({ map: () => -ENOMEM }, "ENOMEM");
      fail({ event: () => -EMFILE }, "EMFILE");
      expect(opened.size).toBeGreaterThan(0);
      for (const ring of opened) expect(closed).toContain(ring);
    },
  );
});
