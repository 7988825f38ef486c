import { describe, expect, it } from "vitest";
import { jsonOf } from "./run-program.js";

/**
 * A timer of the kernel's sends signals to a program that is blocked in a call. Calls on sockets with a timeout are
 * interrupted by every signal, whatever its handler says: signal(7).
 */
const program = `
  import koffi from "koffi";
  import { NativeMemory, system } from "@p2pnet/sys";

  const libc = koffi.load(null);
  const setitimer = libc.func("int setitimer(int, void*, void*)");
  const plainRecv = libc.func("intptr_t recv(int, void*, size_t, int)");
  process.on("SIGALRM", () => {});
  /** Signals after so many milliseconds, and again every so many; 0 is never. */
  const alarm = (first, every = 0) => {
    const microseconds = (ms) => [0n, BigInt(ms * 1000)];
    setitimer(0, BigInt64Array.from([...microseconds(every), ...microseconds(first)]), null);
  };

  const sys = system();
  const { AF_INET, SOCK_STREAM, SOL_SOCKET, SO_RCVTIMEO, SO_SNDTIMEO, EINTR, EAGAIN } = sys.constants;
  const timeout = new Uint8Array(BigInt64Array.from([0n, 300_000n]).buffer);
  const open = () => {
    const handle = sys.socket(AF_INET, SOCK_STREAM, 0);
    sys.setNonBlocking(handle, false);
    sys.setOption(handle, SOL_SOCKET, SO_RCVTIMEO, timeout);
    sys.setOption(handle, SOL_SOCKET, SO_SNDTIMEO, timeout);
    return handle;
  };
  const listener = open();
  sys.bind(listener, sys.addresses.encode({ family: 4, address: "127.0.0.1", port: 0 }));
  sys.listen(listener, 0);
  const address = new Uint8Array(sys.addresses.maxSize);
  const at = address.subarray(0, sys.localAddress(listener, address));
  const name = (result) => result === -EINTR ? "EINTR" : result === -EAGAIN ? "EAGAIN" : result;
  const timed = (call) => {
    const start = performance.now();
    alarm(100);
    const result = name(call());
    return { result, ms: performance.now() - start };
  };

  const left = open();
  sys.connect(left, at);
  alarm(20, 20);
  const plain = plainRecv(left, new Uint8Array(8), 8, 0) === -1 && name(-koffi.errno());
  const accepted = sys.accept(listener);
  alarm(0);

  const memory = new NativeMemory(16);
  const report = {
    plain,
    accepted: accepted > 0,
    recv: timed(() => sys.recv(left, memory.address, 8, 0)),
    recvBytes: timed(() => sys.recvBytes(left, new Uint8Array(8), 0)),
    accept: timed(() => sys.accept(listener)),
  };
  const full = [open(), open()];
  alarm(20, 20);
  // The second finds no room in the queue, so that nobody answers it.
  report.connect = full.map((handle) => name(sys.connect(handle, at)));
  const before = performance.now();
  report.poll = sys.poll(0, 0, 5000);
  report.epollWait = sys.epollWait(sys.epollCreate(), memory.address, 1, 5000);
  report.waitedMs = performance.now() - before;
  alarm(0);
  console.log(JSON.stringify(report));
`;

describe.runIf(process.platform === "linux")("a signal during a blocking call", () => {
  it("ends the plain call, and not ours, except connect", () => {
    // The timeout begins anew after a signal, so 100 and 300 ms.
    const retried = { result: "EAGAIN", ms: expect.toSatisfy((ms: number) => ms >= 390) };
    const report = jsonOf(program) as { waitedMs: number };
    expect(report).toEqual({
      plain: "EINTR",
      accepted: true,
      recv: retried,
      recvBytes: retried,
      accept: retried,
      connect: [0, "EINTR"],
      poll: 0,
      epollWait: 0,
      waitedMs: expect.toSatisfy((ms: number) => ms < 5000),
    });
  });
});
