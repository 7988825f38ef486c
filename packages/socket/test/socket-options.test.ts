import { constantsFor, layoutsFor, SocketAddressCodec, type System, system } from "@p2pnet/sys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Socket, SocketOptions, type SocketType } from "../src/index.js";
import { nameUnless, noKeepAliveTuning, optionsAreOfTheirFamily } from "./capabilities.js";
import { errorOf } from "./loopback.js";

type NumberOption =
  | "keepAliveIdleSeconds"
  | "keepAliveIntervalSeconds"
  | "keepAliveProbes"
  | "sendBufferSize"
  | "receiveBufferSize"
  | "receiveTimeoutMs"
  | "sendTimeoutMs";

const { SO_REUSEPORT, SO_REUSEPORT_LB } = system().constants;
const reusePort = SO_REUSEPORT_LB ?? SO_REUSEPORT;

describe("the options of a socket", () => {
  let socket: Socket;
  let options: SocketOptions;
  beforeEach(() => {
    socket = Socket.open("tcp", { family: 6 });
    options = socket.options;
  });
  afterEach(() => socket.close());

  const switches = ["noDelay", "keepAlive", "reuseAddress"] as const;
  it.each([...switches, ...(reusePort === null ? [] : ["reusePort" as const])])(
    "%s is off, and can be switched",
    (name) => {
      const states = [options[name]];
      for (const on of [true, false]) {
        options[name] = on;
        states.push(options[name]);
      }
      expect(states).toEqual([false, true, false]);
    },
  );

  it("ipv6Only is on, and can be switched", () => {
    expect(options.ipv6Only).toBe(true);
    options.ipv6Only = false;
    expect(options.ipv6Only).toBe(false);
  });

  it.each<[NumberOption, number]>([
    ["receiveTimeoutMs", 0],
    ["receiveTimeoutMs", 1_000],
    ["sendTimeoutMs", 61_000],
  ])("%s keeps %d", (name, value) => {
    options[name] = value;
    expect(options[name]).toBe(value);
  });

  it.skipIf(noKeepAliveTuning).each<[NumberOption, number]>([
    ["keepAliveIdleSeconds", 1],
    ["keepAliveIdleSeconds", 32_767],
    ["keepAliveIntervalSeconds", 7],
    ["keepAliveProbes", 1],
    ["keepAliveProbes", 127],
  ])(nameUnless(noKeepAliveTuning, "%s keeps %d"), (name, value) => {
    options[name] = value;
    expect(options[name]).toBe(value);
  });

  it.each(["receiveTimeoutMs", "sendTimeoutMs"] as const)("%s is rounded up to what the system counts in", (name) => {
    expect(options[name]).toBe(0);
    options[name] = 1_501;
    expect(options[name]).toBeGreaterThanOrEqual(1_501);
    expect(options[name]).toBeLessThanOrEqual(1_511);
  });

  it.each(["sendBufferSize", "receiveBufferSize"] as const)("%s gives room for what it was told", (name) => {
    options[name] = 50_000;
    expect(options[name]).toBeGreaterThanOrEqual(50_000);
    expect(options[name]).toBeLessThan(200_000);
  });

  it("linger is null, for the system's own way, or seconds", () => {
    expect(options.linger).toBeNull();
    for (const value of [5, 0, 65_535, null]) {
      options.linger = value;
      expect(options.linger).toBe(value);
    }
  });

  it.each<[NumberOption | "linger", number, number, number[]]>([
    ["keepAliveIdleSeconds", 1, 32_767, [0, 32_768, 1.5]],
    ["keepAliveIntervalSeconds", 1, 32_767, [0, 32_768, Number.NaN]],
    ["keepAliveProbes", 1, 127, [0, 128]],
    ["sendBufferSize", 1, 2_147_483_647, [0, -1, 2 ** 31]],
    ["receiveBufferSize", 1, 2_147_483_647, [0, 2.5]],
    ["receiveTimeoutMs", 0, 2_147_483_647, [-1, 0.5, Number.POSITIVE_INFINITY]],
    ["sendTimeoutMs", 0, 2_147_483_647, [-1]],
    ["linger", 0, 65_535, [-1, 65_536, 0.5]],
  ])("%s takes integers from %d to %d", (name, min, max, refused) => {
    const read = (): unknown => (noKeepAliveTuning !== null && name.startsWith("keepAlive") ? 0 : options[name]);
    const before = read();
    for (const value of refused) {
      const error = errorOf(() => {
        options[name] = value;
      });
      expect(error).toMatchObject({
        name: "SocketError",
        code: "ERR_OUT_OF_RANGE",
        message: `${name}: expected an integer from ${min} to ${max}, got ${value}`,
      });
    }
    expect(read()).toBe(before);
  });

  it("type is the system's number, and there is no error", () => {
    expect(options.type).toBe(system().constants.SOCK_STREAM);
    expect(options.takeError()).toBe(0);
  });

  it.runIf(optionsAreOfTheirFamily)("what the system refuses is its error", () => {
    const ipv4 = Socket.open("tcp", { family: 4 });
    const error = errorOf(() => {
      ipv4.options.ipv6Only = true;
    });
    expect(error).toMatchObject({ name: "Error", code: "ENOPROTOOPT", syscall: "setsockopt" });
    // Node's name for EOPNOTSUPP, which is the same number on Linux.
    expect(errorOf(() => ipv4.options.ipv6Only)).toMatchObject({ code: "ENOTSUP", syscall: "getsockopt" });
    ipv4.close();
  });
});

describe.each([4, 6] as const)("the options of a UDP socket over IPv%d", (family) => {
  let socket: Socket;
  beforeEach(() => {
    socket = Socket.open("udp", { family });
  });
  afterEach(() => socket.close());

  it.each(["broadcast", "multicastLoop", "reuseAddress"] as const)("%s can be switched", (name) => {
    const states = [false, true].map((on) => {
      socket.options[name] = on;
      return socket.options[name];
    });
    expect(states).toEqual([false, true]);
  });

  it("multicastTtl takes integers from 0 to 255", () => {
    for (const hops of [0, 255]) {
      socket.options.multicastTtl = hops;
      expect(socket.options.multicastTtl).toBe(hops);
    }
    for (const hops of [-1, 256, 1.5]) {
      const set = (): void => {
        socket.options.multicastTtl = hops;
      };
      const message = `multicastTtl: expected an integer from 0 to 255, got ${hops}`;
      expect(errorOf(set)).toMatchObject({ code: "ERR_OUT_OF_RANGE", message });
    }
  });

  it("multicastInterface takes the name of an interface only, or its address or number", () => {
    const set = (name: unknown): Error =>
      errorOf(() => {
        socket.options.multicastInterface = name as string;
      });
    const code = family === 4 ? "ERR_INVALID_IP_ADDRESS" : "ERR_INVALID_SCOPE_ID";
    expect(set("nosuch0")).toMatchObject({ name: "AddressError", code });
    expect(set(1)).toMatchObject({ code: "ERR_INVALID_ARG_TYPE", message: "interface: expected a string, got number" });
    expect(socket.options.multicastInterface).toBe(family === 4 ? "0.0.0.0" : "0");
  });
});

/** Options over a system that keeps what it is told, and a list of that, each value as hex. */
function optionsOn(
  platform: "win32" | "darwin" | "freebsd",
  of: SocketType = { kind: "tcp", family: 4 },
): { options: SocketOptions; written: unknown[] } {
  const written: unknown[] = [];
  const values = new Map<string, Uint8Array>();
  const kept = {
    constants: constantsFor(platform, "x64"),
    layouts: layoutsFor(platform, "x64"),
    addresses: new SocketAddressCodec(constantsFor(platform, "x64"), layoutsFor(platform, "x64")),
    setOption(_: number, level: number, name: number, value: Uint8Array) {
      written.push([level, name, Buffer.from(value).toString("hex")]);
      values.set(`${level} ${name}`, value.slice());
      return 0;
    },
    getOption(_: number, level: number, name: number, into: Uint8Array) {
      into.set(values.get(`${level} ${name}`) ?? []);
      return into.length;
    },
  };
  return { options: new SocketOptions(kept as unknown as System, () => 7, of), written };
}

describe("the options of a socket on other systems", () => {
  const SOL_SOCKET = 0xffff;

  it("Windows: timeouts are 32 bits of milliseconds, and linger is two of 16", () => {
    const { options, written } = optionsOn("win32");
    const { SO_RCVTIMEO, SO_LINGER } = constantsFor("win32", "x64");
    options.receiveTimeoutMs = 0x12345;
    options.linger = 10;
    expect(written).toEqual([
      [SOL_SOCKET, SO_RCVTIMEO, "45230100"],
      [SOL_SOCKET, SO_LINGER, "01000a00"],
    ]);
    expect([options.receiveTimeoutMs, options.linger]).toEqual([0x12345, 10]);
  });

  it("Windows: reuseAddress is exclusive use, since SO_REUSEADDR would let others steal the port", () => {
    const { options, written } = optionsOn("win32");
    options.reuseAddress = true;
    expect(written).toEqual([[SOL_SOCKET, constantsFor("win32", "x64").SO_EXCLUSIVEADDRUSE, "01000000"]]);
    expect(options.reuseAddress).toBe(true);
  });

  it("Windows: reuseAddress of UDP is not, since the members of a group share their port", () => {
    const { options, written } = optionsOn("win32", { kind: "udp", family: 4 });
    options.reuseAddress = true;
    expect(written).toEqual([[SOL_SOCKET, constantsFor("win32", "x64").SO_REUSEADDR, "01000000"]]);
  });

  it.each(["win32", "darwin", "freebsd"] as const)("%s: multicast options are of the socket's family", (platform) => {
    const constants = constantsFor(platform, "x64");
    const four = optionsOn(platform, { kind: "udp", family: 4 });
    four.options.multicastTtl = 3;
    four.options.multicastLoop = false;
    four.options.multicastInterface = "192.0.2.1";
    const { IPPROTO_IP, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_MULTICAST_IF } = constants;
    expect(four.written).toEqual([
      [IPPROTO_IP, IP_MULTICAST_TTL, "03000000"],
      [IPPROTO_IP, IP_MULTICAST_LOOP, "00000000"],
      [IPPROTO_IP, IP_MULTICAST_IF, "c0000201"],
    ]);
    expect(four.options.multicastInterface).toBe("192.0.2.1");

    const six = optionsOn(platform, { kind: "udp", family: 6 });
    six.options.multicastTtl = 3;
    six.options.multicastLoop = true;
    six.options.multicastInterface = "258";
    const { IPPROTO_IPV6, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_MULTICAST_IF } = constants;
    expect(six.written).toEqual([
      [IPPROTO_IPV6, IPV6_MULTICAST_HOPS, "03000000"],
      [IPPROTO_IPV6, IPV6_MULTICAST_LOOP, "01000000"],
      [IPPROTO_IPV6, IPV6_MULTICAST_IF, "02010000"],
    ]);
    expect(six.options.multicastInterface).toBe("258");
  });

  it("Windows: there is no reusePort", () => {
    const { options } = optionsOn("win32");
    const expected = expect.objectContaining({
      code: "ERR_INVALID_ARG_VALUE",
      message: "reusePort: expected an option of this platform, got one it lacks",
    });
    expect(() => options.reusePort).toThrow(expected);
    expect(() => {
      options.reusePort = true;
    }).toThrow(expected);
  });

  it("macOS: linger counts seconds, with SO_LINGER_SEC", () => {
    const { options, written } = optionsOn("darwin");
    options.linger = 3;
    expect(written).toEqual([[SOL_SOCKET, constantsFor("darwin", "x64").SO_LINGER_SEC, "0100000003000000"]]);
    expect(options.linger).toBe(3);
  });

  it("macOS: the microseconds of a timeout are 32 bits", () => {
    const { options, written } = optionsOn("darwin");
    options.sendTimeoutMs = 2_500;
    const { SO_SNDTIMEO } = constantsFor("darwin", "x64");
    expect(written).toEqual([[SOL_SOCKET, SO_SNDTIMEO, "020000000000000020a1070000000000"]]);
    expect(options.sendTimeoutMs).toBe(2_500);
  });

  it("FreeBSD: reusePort spreads connections, with SO_REUSEPORT_LB", () => {
    const { options, written } = optionsOn("freebsd");
    options.reusePort = true;
    expect(written).toEqual([[SOL_SOCKET, constantsFor("freebsd", "x64").SO_REUSEPORT_LB, "01000000"]]);
    expect(options.reusePort).toBe(true);
  });
});
