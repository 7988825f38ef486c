import { expect, it } from "vitest";
import { findDifference } from "../src/echo-check.js";

const sent = Uint8Array.of(1, 2, 3);

it.each([
  ["the same", [1, 2, 3], null],
  ["another byte", [1, 2, 4], "expected the 3 bytes that were sent, got 3 that differ at byte 3"],
  ["fewer", [1, 2], "expected the 3 bytes that were sent, got 2"],
  ["more", [1, 2, 3, 4], "expected the 3 bytes that were sent, got 4"],
])("an echo of %s bytes", (_, echo, difference) => {
  expect(findDifference(sent, Uint8Array.from(echo))).toBe(difference);
});
