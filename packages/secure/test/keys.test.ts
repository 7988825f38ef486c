import { describe, expect, it } from "vitest";
import { verifySignature } from "../src/index.js";
import { dh, keyPairFrom } from "../src/noise/dh-functions.js";
import { hex, toHex, vectors } from "./vectors.js";

interface XdhVectors {
  testGroups: { tests: { tcId: number; comment: string; public: string; private: string; shared: string }[] }[];
}
interface SignatureVectors {
  testGroups: {
    publicKey: { pk: string };
    tests: { tcId: number; comment: string; msg: string; sig: string; result: string }[];
  }[];
}

const xdh = vectors<XdhVectors>("wycheproof-x25519.json");
const signatures = vectors<SignatureVectors>("wycheproof-ed25519.json");
const lowOrder = expect.objectContaining({ code: "ERR_INVALID_KEY" });

describe("X25519", () => {
  it.runIf(xdh !== null).each(xdh?.testGroups.flatMap(({ tests }) => tests) ?? [])(
    "does as Wycheproof says: $tcId $comment",
    (vector) => {
      const compute = (): string => toHex(dh(keyPairFrom(hex(vector.private)), hex(vector.public)));
      if (/^0+$/.test(vector.shared)) expect(compute).toThrow(lowOrder);
      else expect(compute()).toBe(vector.shared);
    },
  );

  it("refuses keys of low order, and what is no key", () => {
    const own = keyPairFrom(new Uint8Array(32).fill(7));
    // RFC 7748, section 7: 0, 1, and a point of order 8.
    const points = ["", "01", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"];
    for (const point of points) expect(() => dh(own, hex(point.padEnd(64, "0")))).toThrow(lowOrder);
    expect(() => dh(own, new Uint8Array(31))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE" }));
    expect(() => keyPairFrom(new Uint8Array(33))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE" }));
  });
});

describe.runIf(signatures !== null)("Ed25519", () => {
  const cases = signatures?.testGroups.flatMap(({ publicKey, tests }) =>
    tests.map((test) => ({ ...test, ...publicKey })),
  );
  it.each(cases ?? [])("does as Wycheproof says: $tcId $comment", ({ pk, msg, sig, result }) => {
    expect(verifySignature(hex(pk), hex(msg), hex(sig))).toBe(result === "valid");
  });
});
