import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SocketAddress, System } from "../../src/index.js";
import { addressOf, succeeded } from "../handle-pair.js";
import { untilReadable } from "./poll-record.js";

/** What the calls of systems with Unix sockets do with them. */
export function unixSocketContract(sys: System): void {
  const { constants } = sys;
  const open = (): number => succeeded("socket", sys.socket(constants.AF_UNIX, constants.SOCK_STREAM, 0));
  const unix = (address: string): SocketAddress => ({ family: "unix", address, port: 0 });
  const encode = (address: string): Uint8Array => sys.addresses.encode(unix(address));
  const local = (handle: number): SocketAddress => sys.addresses.decode(addressOf(handle, sys));

  describe("Unix sockets", () => {
    let folder = "";
    const handles: number[] = [];
    const opened = (): number => {
      handles.push(open());
      return handles.at(-1)!;
    };
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "p2pnet-"));
    });
    afterEach(() => {
      for (const handle of handles.splice(0)) sys.close(handle);
      rmSync(folder, { recursive: true });
    });

    const connects = (name: string): void => {
      const [listener, client] = [opened(), opened()];
      expect(local(listener)).toEqual(unix(""));
      expect(sys.bind(listener, encode(name))).toBe(0);
      expect(local(listener)).toEqual(unix(name));
      expect(sys.listen(listener, 1)).toBe(0);
      expect(sys.connect(client, encode(name))).toBe(0);
      untilReadable(sys, listener);
      const accepted = succeeded("accept", sys.accept(listener));
      handles.push(accepted);

      const into = new Uint8Array(sys.addresses.maxSize);
      const decode = (length: number): SocketAddress => sys.addresses.decode(into.subarray(0, length));
      expect(decode(sys.remoteAddress(client, into))).toEqual(unix(name));
      expect(decode(sys.remoteAddress(accepted, into))).toEqual(unix(""));
      sys.sendBytes(client, Uint8Array.of(1, 2));
      untilReadable(sys, accepted);
      expect(sys.recvBytes(accepted, into, 0)).toBe(2);
    };

    it("are found by a path", () => connects(join(folder, "a socket, größer")));

    it("are found by a path that fills the struct", () => {
      const { size } = sys.layouts.sockaddr_un.fields.sun_path;
      connects(join(folder, "x".repeat(size - folder.length - 1)));
    });

    if (process.platform === "linux") {
      it("are found by an abstract name, with NULs in it", () => connects(`\0p2pnet ${process.pid}\0test\0`));
    }

    it("say that nobody has bound the path, that it is taken, and that nobody listens any more", () => {
      const path = join(folder, "s");
      expect(sys.connect(opened(), encode(path))).toBe(-constants.ENOENT!);
      const listener = opened();
      sys.bind(listener, encode(path));
      expect(sys.bind(opened(), encode(path))).toBe(-constants.EADDRINUSE);
      expect(sys.connect(opened(), encode(path))).toBe(-constants.ECONNREFUSED);
    });

    it("refuse a path that is too long with the system's own error", () => {
      const path = join(folder, "x".repeat(300));
      for (const result of [sys.bind(opened(), encode(path)), sys.connect(opened(), encode(path))]) {
        expect([-constants.EINVAL, -constants.ENAMETOOLONG]).toContain(result);
      }
    });
  });
}
