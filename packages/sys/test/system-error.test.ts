import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { getSystemErrorMap } from "node:util";
import { describe, expect, it } from "vitest";
import { constantsFor } from "../src/constants/constants.js";
import { winsockErrors } from "../src/constants/winsock-errors.js";
import { isSystemError, nodeError, SystemError, systemError } from "../src/system-error.js";

const constants = constantsFor(process.platform, process.arch);

/** Everything that a program can see of an error, but for its stack and cause. */
function shape(error: Error): unknown {
  return { name: error.name, text: `${error}`, message: error.message, fields: Object.entries(error) };
}

/** An error of Node's own: nobody listens at the address. */
async function refusedConnect(host: string): Promise<Error & { port: number }> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const [error] = await once(connect(port, host), "error");
  return error;
}

describe("SystemError", () => {
  it("has the shape of Node's own error from a refused connect", async () => {
    const node = await refusedConnect("127.0.0.1");
    const ours = new SystemError("connect", constants.ECONNREFUSED, { address: "127.0.0.1", port: node.port });
    expect(shape(ours)).toEqual(shape(node));
    expect(ours.message).toBe(`connect ECONNREFUSED 127.0.0.1:${node.port}`);
  });

  it("has the shape of Node's own error from binding an address that is taken", async () => {
    const first = createSocket("udp4").bind(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address();
    const node = await bindError(port);
    first.close();
    expect(shape(systemError("bind", constants.EADDRINUSE, { address: "127.0.0.1", port }))).toEqual(shape(node));
  });

  it("has the code, errno and syscall of an error from node:fs", () => {
    const node = errorOf(() => readSync(1_000_000, new Uint8Array(1)));
    const { code, errno, syscall } = systemError("read", constants.EBADF);
    expect({ code, errno, syscall }).toEqual({ code: "EBADF", errno: node.errno, syscall: node.syscall });
  });

  it("keeps the system's own number as cause", () => {
    expect(systemError("recv", constants.ECONNRESET).cause).toEqual({ errno: constants.ECONNRESET });
  });

  it("leaves out the address and the port that it does not know, and port 0", () => {
    expect(Object.keys(systemError("recv", constants.ECONNRESET))).toEqual(["errno", "code", "syscall"]);
    const bind = systemError("bind", constants.EACCES, { address: "127.0.0.1", port: 0 });
    expect(Object.keys(bind)).toEqual(["errno", "code", "syscall", "address"]);
    expect(bind.message).toBe("bind EACCES 127.0.0.1");
  });
});

describe("isSystemError", () => {
  it("tells system errors, and one code, from all else", () => {
    const error: unknown = systemError("send", constants.ETIMEDOUT);
    expect(isSystemError(error)).toBe(true);
    expect(isSystemError(error, "ETIMEDOUT")).toBe(true);
    expect(isSystemError(error, "EPERM")).toBe(false);
    expect(isSystemError(Object.assign(new Error("send ETIMEDOUT"), { code: "ETIMEDOUT" }))).toBe(false);
    expect(isSystemError(undefined)).toBe(false);
  });
});

describe("the number and name that Node gives to a system's number", () => {
  it.skipIf(process.platform === "win32")("is the negated errno on Unix, for every errno that Node knows", () => {
    // Numbers from -3000 on are libuv's own: no system call gives them.
    const native = [...getSystemErrorMap()].filter(([errno]) => errno > -3000);
    for (const [errno, [code]] of native) expect(nodeError(-errno, process.platform)).toEqual({ errno, code });
  });

  it("is what Node says of numbers unknown to it", () => {
    expect(nodeError(12345, "linux")).toEqual({ errno: -12345, code: "Unknown system error -12345" });
  });

  it("is Node's own for Winsock's", () => {
    const errnoOf = new Map([...getSystemErrorMap()].map(([errno, [code]]) => [code, errno]));
    for (const [nativeErrno, , code] of winsockErrors) {
      expect(nodeError(nativeErrno, "win32")).toEqual({ errno: errnoOf.get(code), code });
    }
    expect(nodeError(10061, "win32").code).toBe("ECONNREFUSED");
    expect(nodeError(10035, "win32").code).toBe("EAGAIN");
  });

  it("is UNKNOWN for Winsock's that Node has no name for", () => {
    expect(nodeError(10067, "win32")).toEqual({ errno: -4094, code: "UNKNOWN" });
  });
});

async function bindError(port: number): Promise<Error> {
  const socket: Socket = createSocket("udp4").bind(port, "127.0.0.1");
  const [error] = (await once(socket, "error")) as [Error];
  socket.close();
  return error;
}

function errorOf(call: () => unknown): NodeJS.ErrnoException {
  try {
    call();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error("expected an error, got none");
}
