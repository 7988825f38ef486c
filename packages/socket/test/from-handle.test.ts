import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replaceSystem, type System, system } from "@p2pnet/sys";
import { afterEach, describe, expect, it } from "vitest";
import { Socket } from "../src/index.js";
import { handlesAreDescriptors, nameUnless, noUnixSockets } from "./capabilities.js";
import { errorOf, Loopback } from "./loopback.js";

const original = system();
const loopback = new Loopback({ kind: "tcp", family: 4, blocking: false });
afterEach(() => {
  loopback.close();
  replaceSystem(original);
});

describe("a socket made of a handle", () => {
  it("listens, if the handle's did", () => {
    const listener = loopback.keep(Socket.fromHandle(loopback.listener().detach()));
    const client = loopback.open();
    loopback.connect(client, listener.localAddress);
    expect(loopback.accept(listener).remoteAddress).toEqual(client.localAddress);
  });

  it.runIf(handlesAreDescriptors)("is not made of one that is none, or no socket's", () => {
    expect(() => Socket.fromHandle(1_000_000)).toThrow(
      expect.objectContaining({ code: "EBADF", syscall: "getsockname" }),
    );
    const folder = mkdtempSync(join(tmpdir(), "p2pnet-"));
    const file = openSync(join(folder, "file"), "w");
    expect(() => Socket.fromHandle(file)).toThrow(
      expect.objectContaining({ code: "ENOTSOCK", syscall: "getsockname" }),
    );
    closeSync(file);
    rmSync(folder, { recursive: true });
  });

  it("is not made of a number that no handle has", () => {
    const { handle } = loopback.open();
    const max = handlesAreDescriptors ? 0x7fffffff : Number.MAX_SAFE_INTEGER;
    // The FFI library would cut the last to the number of an open handle.
    for (const number of [-1, 1.5, Number.NaN, ...(handlesAreDescriptors ? [2 ** 32 + handle] : [])]) {
      expect(() => Socket.fromHandle(number)).toThrow(
        expect.objectContaining({
          code: "ERR_OUT_OF_RANGE",
          message: `handle: expected an integer from 0 to ${max}, got ${number}`,
        }),
      );
    }
  });

  describe("is not made of another kind of socket's, which stays as it was", () => {
    const calls = { setNonBlocking: 0, close: 0 };
    function refuses(domain: number, type: number): void {
      const handle = original.socket(domain, type, 0);
      replaceSystem(counting(calls));
      expect(errorOf(() => Socket.fromHandle(handle))).toMatchObject({
        name: "SocketError",
        code: "ERR_INVALID_ARG_VALUE",
        message: "handle: expected a TCP, UDP or Unix stream socket, got another",
      });
      expect(calls).toEqual({ setNonBlocking: 0, close: 0 });
      expect(original.close(handle)).toBe(0);
    }

    it.skipIf(noUnixSockets)(nameUnless(noUnixSockets, "Unix datagrams"), () => {
      refuses(original.constants.AF_UNIX, original.constants.SOCK_DGRAM);
    });

    it.runIf(original.constants.SOCK_NONBLOCK)("a family that is not known here", () => {
      const AF_NETLINK = 16;
      const SOCK_RAW = 3;
      refuses(AF_NETLINK, SOCK_RAW);
    });
  });
});

/** The system, and how often these calls were made. */
function counting(calls: { setNonBlocking: number; close: number }): System {
  return {
    ...original,
    setNonBlocking: (handle, enabled) => {
      calls.setNonBlocking++;
      return original.setNonBlocking(handle, enabled);
    },
    close: (handle) => {
      calls.close++;
      return original.close(handle);
    },
  };
}
