import { expect, it } from "vitest";
import { addressGroup } from "../src/address-group.js";

it.each([
  [4, "192.0.2.7", "192.0.2.7"],
  [6, "::ffff:192.0.2.7", "192.0.2.7"],
  [6, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  [6, "2001:db8:1:2::6", "2001:db8:1:2::/64"],
  [6, "2001:db8::6", "2001:db8:0:0::/64"],
  [6, "2001:db8:1:2:3::", "2001:db8:1:2::/64"],
  [6, "::1", "0:0:0:0::/64"],
  [6, "::", "0:0:0:0::/64"],
  [6, "fe80::1", "fe80::1"],
  [6, "fe80::1%eth0", "fe80::1%eth0"],
  ["unix", "/run/x.sock", null],
] as const)("counts IPv%s %s as %s", (family, address, expected) => {
  expect(addressGroup({ family, address, port: 1 })).toBe(expected);
});
