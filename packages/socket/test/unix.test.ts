import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { basename, dirname, join } from "node:path";
import { replaceSystem, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Socket } from "../src/index.js";
import { abstractNames, nameUnless, noUnixSockets, unixFiles } from "./capabilities.js";
import { bytes, errorOf, Loopback, receive, text } from "./loopback.js";

const original = system();

describe.skipIf(noUnixSockets)(nameUnless(noUnixSockets, "a Unix socket"), () => {
  let loopback: Loopback;
  let path: string;
  beforeEach(() => {
    loopback = new Loopback({ kind: "unix", family: "unix", blocking: false });
    path = loopback.path();
  });
  afterEach(() => {
    loopback.close();
    replaceSystem(original);
  });

  function boundTo(where: string, replaceStale = false): Socket {
    const socket = loopback.open();
    socket.bind({ path: where, replaceStale });
    return socket;
  }

  /** Leaves the file behind that a server has that was killed. */
  function leaveStale(where: string): void {
    original.close(boundTo(where).detach());
  }

  it("listens at a path, and is connected to by it; a peer that nobody bound is unnamed", () => {
    const listener = boundTo(path);
    listener.listen();
    expect(listener.localAddress).toEqual({ family: "unix", address: path, port: 0 });
    const client = loopback.open();
    loopback.connect(client, { path });
    const peer = loopback.accept(listener);
    expect(client.remoteAddress).toEqual(listener.localAddress);
    expect(client.localAddress).toEqual({ family: "unix", address: "", port: 0 });
    expect(peer.remoteAddress).toEqual(client.localAddress);
    expect(peer.localAddress).toEqual(listener.localAddress);
    client.send(bytes("hello"));
    expect(text(receive(peer, 5))).toBe("hello");
  });

  it("talks to Node's own", async () => {
    const server = createServer((peer) => peer.end("from node")).listen(path);
    await once(server, "listening");
    const client = loopback.open();
    expect(client.connect({ path })).toBe(true);
    await once(server, "connection");
    expect(text(receive(client, 9))).toBe("from node");
    server.close();
  });

  describe.runIf(abstractNames)("with an abstract name", () => {
    const name = `\0p2pnet \0 test ${process.pid}`;

    it("makes no file, and its name is free again when it closes", () => {
      for (let times = 0; times < 2; times++) {
        const listener = boundTo(name);
        listener.listen();
        expect(listener.localAddress).toEqual({ family: "unix", address: name, port: 0 });
        const client = loopback.open();
        loopback.connect(client, { path: name });
        expect(loopback.accept(listener).localAddress).toEqual(listener.localAddress);
        const error = errorOf(() => boundTo(name, true));
        expect(error).toMatchObject({ code: "EADDRINUSE", syscall: "bind", address: name });
        listener.close();
      }
      const error = errorOf(() => loopback.open().connect({ path: name }));
      expect(error).toMatchObject({ code: "ECONNREFUSED", syscall: "connect", address: name });
    });

    it("gets one of the system's choice for an empty path", () => {
      const listener = boundTo("");
      listener.listen();
      expect(listener.localAddress.address).toMatch(/^\0[0-9a-f]{5}$/);
      loopback.connect(loopback.open(), listener.localAddress);
    });
  });

  describe("that bound a path", () => {
    it.each(["close", "abort"] as const)("removes it on %s", (leave) => {
      const socket = boundTo(path);
      expect(existsSync(path)).toBe(true);
      socket[leave]();
      expect(existsSync(path)).toBe(false);
      boundTo(path);
    });

    it("removes no other file that is there by now", () => {
      const socket = boundTo(path);
      unlinkSync(path);
      const successor = boundTo(path);
      socket.close();
      expect(existsSync(path)).toBe(true);
      successor.close();
      expect(existsSync(path)).toBe(false);

      const third = boundTo(path);
      unlinkSync(path);
      writeFileSync(path, "a file");
      third.close();
      expect(readFileSync(path, "utf8")).toBe("a file");
    });

    it("closes all the same when it is gone already", () => {
      const socket = boundTo(path);
      rmSync(dirname(path), { recursive: true });
      socket.close();
      expect(socket.closed).toBe(true);
      mkdirSync(dirname(path));
    });

    it("leaves it to whom it gives its handle", () => {
      const handle = boundTo(path).detach();
      expect(existsSync(path)).toBe(true);
      original.close(handle);
    });

    it("finds it by a relative path too, wherever the process goes", () => {
      const before = process.cwd();
      process.chdir(dirname(path));
      try {
        const socket = boundTo(basename(path));
        process.chdir(before);
        socket.close();
        expect(existsSync(path)).toBe(false);
      } finally {
        process.chdir(before);
      }
    });

    it("leaves it when it connects or accepts only", () => {
      const listener = boundTo(path);
      listener.listen();
      const client = loopback.open();
      loopback.connect(client, { path });
      loopback.accept(listener).close();
      client.close();
      expect(existsSync(path)).toBe(true);
    });

    it("binds once", () => {
      const socket = boundTo(path);
      expect(errorOf(() => socket.bind({ path: loopback.path() }))).toMatchObject({ code: "EINVAL", syscall: "bind" });
      socket.close();
      expect(existsSync(path)).toBe(false);
    });
  });

  describe.runIf(unixFiles)("that replaces stale paths", () => {
    it("takes the place of a server that left its path behind, and removes it in the end", () => {
      leaveStale(path);
      expect(errorOf(() => boundTo(path))).toMatchObject({ code: "EADDRINUSE", address: path });
      const listener = boundTo(path, true);
      listener.listen();
      loopback.connect(loopback.open(), { path });
      listener.close();
      expect(existsSync(path)).toBe(false);
    });

    it("binds where there is nothing", () => {
      expect(boundTo(path, true).localAddress.address).toBe(path);
    });

    it("leaves a server alone that lives", () => {
      const server = boundTo(path);
      server.listen();
      const { ino } = lstatSync(path);
      expect(errorOf(() => boundTo(path, true))).toMatchObject({
        code: "EADDRINUSE",
        syscall: "bind",
        message: `bind EADDRINUSE ${path}`,
      });
      expect(lstatSync(path).ino).toBe(ino);
      loopback.accept(server); // the question whether it lives
      loopback.connect(loopback.open(), { path });
    });

    it("leaves a server alone whose queue is full", () => {
      const server = boundTo(path);
      server.listen(0);
      loopback.connect(loopback.open(), { path });
      expect(errorOf(() => loopback.open().connect({ path }))).toMatchObject({ code: "EAGAIN", syscall: "connect" });
      expect(errorOf(() => boundTo(path, true))).toMatchObject({ code: "EADDRINUSE" });
      expect(existsSync(path)).toBe(true);
    });

    it("leaves a file alone that is no socket", () => {
      writeFileSync(path, "precious");
      expect(errorOf(() => boundTo(path, true))).toMatchObject({ code: "EADDRINUSE", address: path });
      expect(readFileSync(path, "utf8")).toBe("precious");
    });

    it("leaves a link alone, even to a stale path", () => {
      const target = loopback.path();
      leaveStale(target);
      symlinkSync(target, path);
      expect(errorOf(() => boundTo(path, true))).toMatchObject({ code: "EADDRINUSE" });
      expect([existsSync(path), existsSync(target)]).toEqual([true, true]);
    });

    it("leaves a server alone that took the path over meanwhile", () => {
      leaveStale(path);
      utimesSync(path, 0, 0); // Clocks of file systems tick slowly.
      replaceSystem({
        ...original,
        connect: (handle, address) => {
          const result = original.connect(handle, address);
          unlinkSync(path);
          boundTo(path);
          return result;
        },
      });
      const late = loopback.open();
      expect(errorOf(() => late.bind({ path, replaceStale: true }))).toMatchObject({ code: "EADDRINUSE" });
      expect(existsSync(path)).toBe(true);
    });
  });

  describe("is refused as Node's own are", () => {
    it("a path that is too long", () => {
      const long = join(dirname(path), "x".repeat(200));
      for (const call of ["bind", "connect"] as const) {
        const error = errorOf(() => loopback.open()[call]({ path: long }));
        expect(error).toMatchObject({
          code: expect.stringMatching(/^(EINVAL|ENAMETOOLONG)$/),
          syscall: call,
          address: long,
        });
        expect(error.message).toMatch(new RegExp(`^${call} \\w+ ${long}$`));
        expect(error).not.toHaveProperty("port");
      }
    });

    it("a path in a folder that is missing", () => {
      const missing = join(path, "no", "such");
      expect(errorOf(() => boundTo(missing))).toMatchObject({
        message: `bind ENOENT ${missing}`,
        code: "ENOENT",
        syscall: "bind",
        address: missing,
      });
      expect(errorOf(() => loopback.open().connect({ path }))).toMatchObject({ message: `connect ENOENT ${path}` });
    });

    it("a path within a file", () => {
      writeFileSync(path, "");
      const within = join(path, "x");
      expect(errorOf(() => boundTo(within, true))).toMatchObject({ code: "ENOTDIR", syscall: "bind", address: within });
    });

    it("a path that is none", () => {
      expect(errorOf(() => boundTo("a\0b"))).toMatchObject({ name: "AddressError", code: "ERR_INVALID_UNIX_PATH" });
      for (const wrong of [{ address: "127.0.0.1", port: 1 }, { path: 7 as unknown as string }]) {
        const type = "path" in wrong ? "number" : "undefined";
        const expected = { code: "ERR_INVALID_ARG_TYPE", message: `path: expected a string, got ${type}` };
        expect(errorOf(() => loopback.open().bind(wrong))).toMatchObject(expected);
        expect(errorOf(() => loopback.open().connect(wrong))).toMatchObject(expected);
      }
    });
  });
});
