import { readdirSync, readlinkSync } from "node:fs";
import { system } from "@p2pnet/sys";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { bytesContract } from "./contract/bytes.js";
import { closingContract } from "./contract/closing.js";
import { connectingContract } from "./contract/connecting.js";
import { ownershipContract } from "./contract/ownership.js";
import { Loopback, type LoopbackOptions } from "./loopback.js";

/** What every TCP socket promises, in each family, non-blocking and blocking. */
export function socketContract(options: LoopbackOptions): void {
  const { family, blocking } = options;
  describe(`a ${blocking ? "blocking" : "non-blocking"} socket over IPv${family}`, () => {
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

    connectingContract(() => loopback);
    bytesContract(() => loopback);
    closingContract(() => loopback);
    ownershipContract(() => loopback);
  });
}

/** How many sockets this process has open. Source: proc(5). */
export function openSockets(): number {
  const links = readdirSync("/proc/self/fd").map((handle) => {
    try {
      return readlinkSync(`/proc/self/fd/${handle}`);
    } catch {
      return ""; // The folder's own descriptor, closed by now.
    }
  });
  return links.filter((link) => link.startsWith("socket:")).length;
}
