import { describe, expect, test } from "vitest";
import { CASE_CHOICES } from "../src/cases.js";
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

  test("says so of what could not be measured here, and does not count it", () => {
    const { slower, lines } = compareWithRecorded({ echo: { "p2pnet-epoll": 1 } }, recorded);
    expect(slower).toEqual([]);
    expect(lines[1]).toBe("  echo p2pnet-libuv: not measured (recorded 1.50)");
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
