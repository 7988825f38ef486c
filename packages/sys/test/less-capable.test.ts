import { beforeEach, describe, expect, it } from "vitest";
import { constantsFor } from "../src/constants/constants.js";
import { ffi } from "../src/load.js";
import { loadPosix } from "../src/posix.js";
import { datagramContract } from "./contract/datagrams.js";
import { streamContract } from "./contract/streams.js";
import { unixSocketContract } from "./contract/unix-sockets.js";
import { waitContract } from "./contract/waits.js";
import { FakeLibrary } from "./fake-library.js";
import { listening, succeeded } from "./handle-pair.js";

const isUnix = process.platform !== "win32";
if (!isUnix) console.warn("not run: the calls of a Unix that has less, since this is none");

describe.runIf(isUnix)("a Unix without accept4, SOCK_NONBLOCK and MSG_NOSIGNAL, as macOS", () => {
  const constants = {
    ...constantsFor(process.platform, process.arch),
    SOCK_NONBLOCK: null,
    SOCK_CLOEXEC: null,
    MSG_NOSIGNAL: null,
  };
  const sys = loadPosix(process.platform, process.arch, { constants });
  streamContract(sys);
  datagramContract(sys);
  waitContract(sys);
  unixSocketContract(sys);

  it("makes handles that no exec inherits", () => {
    const fcntl = ffi().load(null).func("int fcntl(int, int, ...)");
    const { handle: listener, address } = listening(1, sys);
    sys.setNonBlocking(listener, false);
    const client = succeeded("socket", sys.socket(constants.AF_INET, constants.SOCK_STREAM, 0));
    sys.connect(client, address);
    const accepted = succeeded("accept", sys.accept(listener));
    for (const handle of [listener, client, accepted]) {
      expect(fcntl(handle, constants.F_GETFD, "int", 0)).toBe(constants.FD_CLOEXEC);
      expect(fcntl(handle, constants.F_GETFL, "int", 0) & constants.O_NONBLOCK!).toBe(
        handle === listener ? 0 : constants.O_NONBLOCK,
      );
      sys.close(handle);
    }
  });
});

describe("the calls of macOS", () => {
  const constants = constantsFor("darwin", "arm64");
  let libc: FakeLibrary;
  let sys: ReturnType<typeof loadPosix>;
  beforeEach(() => {
    libc = new FakeLibrary();
    Object.assign(libc.results, { socket: 7, accept: 7 });
    sys = loadPosix("darwin", "arm64", { libc: libc.library });
  });
  /** FD_CLOEXEC, O_NONBLOCK, SO_NOSIGPIPE. */
  const prepared = ["fcntl(7, 2, int, 1)", "fcntl(7, 4, int, 4)", "setsockopt(7, 65535, 4130, [1,0,0,0], 4)"];

  it("prepare the handles of socket and accept by calls of their own", () => {
    expect(libc.during(() => sys.socket(2, 1, 0))).toEqual({ result: 7, calls: ["socket(2, 1, 0)", ...prepared] });
    expect(libc.during(() => sys.accept(3))).toEqual({ result: 7, calls: ["accept(3, 0, 0)", ...prepared] });
  });

  it("keep a connection that is over, which takes no options any more", () => {
    libc.results["setsockopt"] = -constants.EINVAL;
    expect(libc.during(() => sys.accept(3)).result).toBe(7);
  });

  it("close a handle that cannot be prepared", () => {
    libc.results["fcntl"] = -constants.EBADF;
    expect(libc.during(() => sys.accept(3))).toEqual({
      result: -constants.EBADF,
      calls: ["accept(3, 0, 0)", "fcntl(7, 2, int, 1)", "close(7)"],
    });
  });

  it("lack batches of datagrams, and epoll", async () => {
    expect([sys.recvMessages, sys.sendMessages]).toEqual([null, null]);
    const calls = [sys.epollCreate(), sys.epollControl(1, 1, 1, 1), sys.epollWait(1, 1, 1, -1)];
    expect(calls).toEqual(calls.map(() => -constants.EOPNOTSUPP));
    await new Promise<void>((done) => sys.epollWaitAsync(1, 1, 1, -1, done));
  });
});

describe("the calls of FreeBSD", () => {
  it("make handles as Linux's do, and have batches of datagrams", () => {
    const libc = new FakeLibrary();
    const sys = loadPosix("freebsd", "x64", { libc: libc.library });
    sys.socket(2, 1, 0);
    sys.accept(3);
    sys.recvMessages!(3, 1, 2);
    sys.sendMessages!(3, 1, 2);
    expect(libc.calls).toEqual([
      `socket(2, ${0x30000001}, 0)`,
      `accept4(3, 0, 0, ${0x30000000})`,
      "recvmmsg(3, 1, 2, 0, 0)",
      `sendmmsg(3, 1, 2, ${0x20000})`,
    ]);
  });
});
