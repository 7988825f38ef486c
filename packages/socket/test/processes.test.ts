import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { jsonOf, runProgram } from "../../sys/test/run-program.js";

const folder = new URL("..", import.meta.url);

/** What `ls` sees of the sockets that it inherited. Its standard streams are some, too. */
const inheritedSockets = `
  import { spawnSync } from "node:child_process";
  const inheritedSockets = () => {
    const { stdout } = spawnSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" });
    return (stdout.match(/\\d+ -> socket:/g) ?? []).map((line) => Number.parseInt(line)).filter((handle) => handle > 2);
  };
`;

describe("importing @p2pnet/socket", () => {
  it("loads no native code: only the first socket does", () => {
    const counts = jsonOf(
      `
      const loaded = () => process.report.getReport().sharedObjects.filter((path) => path.includes("koffi")).length;
      const { Socket } = await import("@p2pnet/socket");
      const before = loaded();
      Socket.open("tcp").close();
      console.log(JSON.stringify([before, loaded()]));
      `,
      { folder },
    );
    expect(counts).toEqual([0, 1]);
  });
});

describe("a program that a process starts", () => {
  it("inherits none of its sockets", () => {
    const sockets = jsonOf(
      `${inheritedSockets}
      import { Socket } from "@p2pnet/socket";
      const listener = Socket.open("tcp");
      listener.bind({ address: "127.0.0.1", port: 0 });
      listener.listen();
      const left = Socket.open("tcp");
      left.setNonBlocking(false);
      left.connect(listener.localAddress);
      const right = listener.accept();
      console.log(JSON.stringify([right !== null, inheritedSockets()]));
      `,
      { folder },
    );
    expect(sockets).toEqual([true, []]);
  });

  it("inherits none that fromHandle has taken over", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    const program = `${inheritedSockets}
      import { Socket } from "@p2pnet/socket";
      const before = inheritedSockets();
      const socket = Socket.fromHandle(${INHERITED});
      console.log(JSON.stringify({ before, after: inheritedSockets(), family: socket.family }));
      process.exit();
    `;
    // Node itself shields the first descriptors that it inherits, up to a gap: hence a high one.
    const ignored = new Array(INHERITED - 3).fill("ignore");
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: fileURLToPath(folder),
      stdio: ["ignore", "pipe", "inherit", ...ignored, socket],
    });
    const output = text(child.stdout!);
    await once(child, "exit");
    socket.destroy();
    server.close();
    expect(JSON.parse(await output)).toEqual({ before: [INHERITED], after: [], family: 4 });
  });
});

const INHERITED = 40;

describe("a process out of descriptors", () => {
  it("gets EMFILE from open and accept, and goes on when there are some again", () => {
    const report = jsonOf(
      `
      import { Socket } from "@p2pnet/socket";
      const listener = Socket.open("tcp");
      listener.bind({ address: "127.0.0.1", port: 0 });
      listener.listen();
      const client = Socket.open("tcp");
      client.setNonBlocking(false);
      client.connect(listener.localAddress);

      const codeOf = (call) => {
        for (;;) {
          try {
            call();
          } catch ({ name, code, syscall }) {
            return { code, syscall };
          }
        }
      };
      const sockets = [];
      const open = codeOf(() => sockets.push(Socket.open("tcp")));
      const accept = codeOf(() => listener.accept());
      sockets.pop().close();
      const accepted = listener.accept() !== null;
      console.log(JSON.stringify({ open, accept, accepted }));
      `,
      { folder, shell: `ulimit -n 60; exec "$@"` },
    );
    expect(report).toEqual({
      open: { code: "EMFILE", syscall: "socket" },
      accept: { code: "EMFILE", syscall: "accept" },
      accepted: true,
    });
  });
});

describe("a user without privileges", () => {
  it("gets EACCES for a privileged port", ({ skip }) => {
    const outcome = jsonOf(
      `
      import { readFileSync } from "node:fs";
      import { Socket } from "@p2pnet/socket";
      const socket = Socket.open("tcp");
      const firstFree = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
      if (process.geteuid() === 0) process.seteuid(65534);
      try {
        socket.bind({ address: "127.0.0.1", port: firstFree - 1 });
        console.log(JSON.stringify({ bound: socket.localAddress.port }));
      } catch ({ code, syscall, message }) {
        console.log(JSON.stringify({ firstFree, code, syscall, message }));
      }
      `,
      { folder },
    ) as { firstFree: number };
    if (outcome.firstFree === 0) return skip("here every port is free to every user");
    expect(outcome).toEqual({
      firstFree: outcome.firstFree,
      code: "EACCES",
      syscall: "bind",
      message: `bind EACCES 127.0.0.1:${outcome.firstFree - 1}`,
    });
  });
});

describe("a user who may not", () => {
  it("gets EACCES for a path in a folder of others, and for a socket of others", ({ skip }) => {
    const outcome = jsonOf(
      `
      import { chmodSync, mkdtempSync, rmSync } from "node:fs";
      import { tmpdir } from "node:os";
      import { join } from "node:path";
      import { Socket } from "@p2pnet/socket";
      const folder = mkdtempSync(join(tmpdir(), "p2pnet-"));
      const path = join(folder, "sock");
      const listener = Socket.open("unix");
      listener.bind({ path });
      listener.listen();
      chmodSync(folder, 0o755);
      chmodSync(path, 0o600);
      if (process.geteuid() === 0) process.seteuid(65534);
      else chmodSync(folder, 0o555);
      const other = join(folder, "other");
      const outcome = (call) => {
        try {
          return call() ?? null;
        } catch ({ code, syscall, address, message }) {
          return { code, syscall, address, message };
        }
      };
      const bind = outcome(() => Socket.open("unix").bind({ path: other, replaceStale: true }));
      const connect = outcome(() => Socket.open("unix").connect({ path }));
      const asRoot = process.getuid() === 0;
      if (asRoot) process.seteuid(0);
      else chmodSync(folder, 0o755);
      listener.close();
      rmSync(folder, { recursive: true });
      console.log(JSON.stringify({ asRoot, path, other, bind, connect }));
      `,
      { folder },
    ) as { asRoot: boolean; path: string; other: string; bind: object; connect: object };
    const denied = (syscall: string, address: string): object => {
      return { code: "EACCES", syscall, address, message: `${syscall} EACCES ${address}` };
    };
    expect(outcome.bind).toEqual(denied("bind", outcome.other));
    if (!outcome.asRoot) return skip("a socket of another user's takes root to make");
    expect(outcome.connect).toEqual(denied("connect", outcome.path));
  });
});

describe("a process that SIGPIPE would kill", () => {
  const mortal = `
    import { Socket } from "@p2pnet/socket";
    // Node ignores the signal until somebody listens to it, and does not go back to that.
    process.once("SIGPIPE", () => {});
    process.removeAllListeners("SIGPIPE");
  `;

  it("lives, and gets EPIPE", () => {
    const program = `${mortal}
      import { NativeMemory, system } from "@p2pnet/sys";
      const listener = Socket.open("tcp");
      listener.bind({ address: "127.0.0.1", port: 0 });
      listener.listen();
      const socket = Socket.open("tcp");
      socket.setNonBlocking(false);
      socket.connect(listener.localAddress);
      socket.shutdown();

      const memory = new NativeMemory(128);
      const { msg_iov, msg_iovlen } = system().layouts.msghdr.fields;
      const view = new DataView(memory.bytes.buffer);
      view.setBigUint64(msg_iov.offset, BigInt(memory.address + 96), true);
      view.setBigUint64(msg_iovlen.offset, 1n, true);
      view.setBigUint64(96, BigInt(memory.address), true);
      view.setBigUint64(104, 1n, true);
      const codes = [
        () => socket.send(Uint8Array.of(1)),
        () => socket.sendFrom(memory, 0, 1),
        () => socket.sendGathered(memory.address),
      ].map((send) => {
        try {
          return send();
        } catch (error) {
          return error.code;
        }
      });
      console.log(JSON.stringify(codes));
    `;
    expect(jsonOf(program, { folder })).toEqual(["EPIPE", "EPIPE", "EPIPE"]);
  });

  it("would not otherwise", () => {
    const end = runProgram(`${mortal} process.kill(process.pid, "SIGPIPE"); setTimeout(() => {}, 10_000);`, { folder });
    expect(end.signal).toBe("SIGPIPE");
  });
});
