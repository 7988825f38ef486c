import { readdirSync, readlinkSync } from "node:fs";
import { system } from "@p2pnet/sys";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { handleList, nameUnless, noIpv6, noUnixSockets } from "./capabilities.js";
import { bytesContract } from "./contract/bytes.js";
import { closedContract } from "./contract/closed.js";
import { closingContract } from "./contract/closing.js";
import { connectingContract } from "./contract/connecting.js";
import { datagramContract } from "./contract/datagrams.js";
import { ownershipContract } from "./contract/ownership.js";
import { tcpContract } from "./contract/tcp.js";
import { Loopback, type LoopbackOptions } from "./loopback.js";

/** What every socket promises: of each kind, in each family, non-blocking and blocking. */
export function socketContract(options: LoopbackOptions): void {
  withLoopback(options, (current) => {
    if (options.kind === "udp") datagramContract(current);
    else {
      connectingContract(current);
      bytesContract(current);
      closingContract(current);
    }
    if (options.kind === "tcp") tcpContract(current);
    closedContract(current);
    ownershipContract(current);
  });
}

/** Runs `tests` with sockets of that sort, none of which they leave open. */
export function withLoopback(options: LoopbackOptions, tests: (current: () => Loopback) => void): void {
  const { kind, family, blocking } = options;
  const protocol = family === "unix" ? "" : ` over IPv${family}`;
  const missing = family === "unix" ? noUnixSockets : family === 6 ? noIpv6 : null;
  const name = `a ${blocking ? "blocking" : "non-blocking"} ${kind} socket${protocol}`;
  describe.skipIf(missing)(nameUnless(missing, name), () => {
    let loopback: Loopback;
    let openBefore = 0;
    beforeAll(() => {
      system();
      openBefore = openSockets();
    });
    beforeEach(() => {
      loopback = new Loopback(options);
    });
    afterEach(() => loopback.close());
    afterAll(() => {
      expect(openSockets(), "sockets left open").toBe(openBefore);
    });
    tests(() => loopback);
  });
}

/** How many sockets this process has open; 0 where that cannot be told. */
export function openSockets(): number {
  if (handleList === null) return 0;
  const links = readdirSync(handleList).map((handle) => {
    try {
      return readlinkSync(`${handleList}/${handle}`);
    } catch {
      return ""; // The folder's own descriptor, closed by now.
    }
  });
  return links.filter((link) => link.startsWith("socket:")).length;
}
