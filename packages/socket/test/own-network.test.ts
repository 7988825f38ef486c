import { describe, expect, it } from "vitest";
import { nameUnless } from "./capabilities.js";
import { inOwnNetwork, noOwnNetwork } from "./own-network.js";

interface Address {
  readonly family: number;
  readonly address: string;
  readonly port: number;
  readonly scopeId?: number;
}

interface Groups {
  readonly port: number;
  readonly [part: string]: unknown;
}

describe.skipIf(noOwnNetwork)(nameUnless(noOwnNetwork, "in a network of its own"), () => {
  describe("a UDP socket in multicast groups", () => {
    const report = (noOwnNetwork === null ? inOwnNetwork("groups.mjs") : {}) as { [part: string]: never };

    it.each([
      { family: 4, group: "239.1.2.3", from: { address: "192.0.2.1" }, through: "192.0.2.1", any: "0.0.0.0" },
      {
        family: 6,
        group: "ff02::1234",
        from: { address: "fe80::1" },
        through: expect.stringMatching(/^\d+$/),
        any: "0",
      },
    ])("receives what is sent to them, over IPv$family", ({ family, group, from, through, any }) => {
      const groups = report[family] as unknown as Groups;
      expect(groups.defaults, "TTL, loop and interface").toEqual([1, true, any]);
      expect(groups.through).toEqual(through);
      const toAll = { text: "to all", from: expect.objectContaining({ family, ...from, port: groups.port }) };
      expect(groups.joined).toEqual([toAll, toAll]);
      const message = (code: string): object => ({
        code,
        syscall: "setsockopt",
        message: `setsockopt ${code} ${group}`,
      });
      expect(groups.again).toEqual(message("EADDRINUSE"));
      expect(groups.notAMember).toEqual(message("EADDRNOTAVAIL"));
      // Neither what did not loop, nor what another group got, nor what came after it had left.
      expect(groups.afterwards).toMatchObject({ text: "last" });
    });

    it("takes a group's interface as its scope, by name and by number", () => {
      const { byName, byNumber, elsewhere } = report["scopes"] as unknown as Groups;
      const from = expect.objectContaining({ address: "fe80::1", scopeId: expect.any(Number) });
      expect(byName).toEqual({ text: "by name", from });
      expect(byNumber).toEqual({ text: "by number", from });
      expect(elsewhere).toMatchObject({ code: "ERR_INVALID_SCOPE_ID" });
    });

    it("keeps hops and interface, and refuses what is no group or interface", () => {
      expect(report["hops"]).toEqual([
        [7, "192.0.2.1"],
        [0, "1"],
        { code: "EINVAL", syscall: "setsockopt", message: "setsockopt EINVAL 192.0.2.1" },
        { code: "ENODEV", syscall: "setsockopt", message: "setsockopt ENODEV 239.1.2.3" },
      ]);
    });
  });

  it("a UDP socket sends to everybody, with options.broadcast only", () => {
    const { before, after, received, from, port } = inOwnNetwork("broadcast.mjs") as Groups;
    const message = `send EACCES 192.0.2.255:${port}`;
    expect(before).toEqual([false, { code: "EACCES", syscall: "send", message }]);
    expect(after).toEqual([true, 9]);
    expect(received).toEqual({ text: "everybody", from });
  });

  it("link-local addresses have a scope: as a name, as a number or beside them", () => {
    const report = inOwnNetwork("link-local.mjs") as {
      localAddress: Address;
      connected: Address[][];
      received: object;
      sender: Address;
      unscoped: object;
      otherInterface: object;
    };
    const { localAddress, connected, sender } = report;
    expect(localAddress).toMatchObject({ family: 6, address: "fe80::1", scopeId: expect.any(Number) });
    expect(connected.length).toBe(3);
    for (const [remote, accepted, local] of connected) {
      expect(remote).toEqual(localAddress);
      expect(accepted).toEqual(local);
    }
    expect(report.received).toEqual({ text: "scoped", from: sender });
    expect(report.unscoped).toEqual({ code: "EINVAL", syscall: "bind", message: "bind EINVAL fe80::1" });
    expect(report.otherInterface).toMatchObject({ code: "EADDRNOTAVAIL", message: "bind EADDRNOTAVAIL fe80::1%right" });
  });
});
