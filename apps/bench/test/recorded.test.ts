import { describe, expect, test } from "vitest";
import { CASE_CHOICES } from "../src/cases.js";
import { expectGuarded } from "../src/check-command.js";
import { PEER_NAMES } from "../src/peers.js";
import { compareWithRecorded, readRecorded } from "../src/recorded.js";

const recorded = { machine: "any", margin: 0.3, ratios: { echo: { "p2pnet-epoll": 1.2, "p2pnet-libuv": 1.5 } } };

describe("the guard", () => {
  test("lets a ratio grow by the margin, and names what grew more", () => {
    const { slower, lines } = compareWithRecorded({ echo: { "p2pnet-epoll": 1.57, "p2pnet-libuv": 1.94 } }, recorded);
    expect(slower).toEqual(["echo p2pnet-epoll"]);
    expect(lines).toEqual([
      "  echo p2pnet-epoll: 1.57 (recorded 1.20) SLOWER",
      "  echo p2pnet-libuv: 1.94 (recorded 1.50)",
    ]);
  });

  test("names what was recorded and not measured: nobody has guarded it", () => {
    const { slower, missing, lines } = compareWithRecorded({ echo: { "p2pnet-epoll": 1 } }, recorded);
    expect(slower).toEqual([]);
    expect(missing).toEqual(["echo p2pnet-libuv"]);
    expect(lines[1]).toBe("  echo p2pnet-libuv: not measured (recorded 1.50)");
  });

  test("misses a whole case, too", () => {
    expect(compareWithRecorded({}, recorded).missing).toEqual(["echo p2pnet-epoll", "echo p2pnet-libuv"]);
  });

  test("does without a server that the system lacks, and says why", () => {
    const lacks = new Map([["p2pnet-libuv", "the system forbids it"]]);
    const { missing, lines } = compareWithRecorded({ echo: { "p2pnet-epoll": 1 } }, recorded, lacks);
    expect(missing).toEqual([]);
    expect(lines[1]).toBe("  echo p2pnet-libuv: skipped, the system forbids it (recorded 1.50)");
  });

  test("does not pass where a server did not start that runs on every Linux", () => {
    const unbuilt = { name: "p2pnet-epoll", reason: "apps/async-server is not built" };
    expect(() => expectGuarded([unbuilt])).toThrow(
      expect.objectContaining({
        code: "ERR_NOT_MEASURED",
        message: "p2pnet-epoll: expected it to start, got apps/async-server is not built",
      }),
    );
    expect(() => expectGuarded([{ name: "c-epoll", reason: "gone" }])).toThrow(
      "c-epoll: expected it to start, got gone",
    );
    expectGuarded([{ name: "p2pnet-io_uring", reason: "the kernel has no io_uring (ENOSYS)" }]);
  });

  test("has recorded ratios of cases and servers that exist", () => {
    const { machine, margin, ratios } = readRecorded();
    expect(machine).toContain("Node ");
    expect(margin).toBeGreaterThan(0);
    expect(CASE_CHOICES).toEqual(expect.arrayContaining(Object.keys(ratios)));
    for (const servers of Object.values(ratios)) {
      expect(PEER_NAMES).toEqual(expect.arrayContaining(Object.keys(servers)));
      expect(Math.min(...Object.values(servers))).toBeGreaterThan(0);
    }
  });
});
