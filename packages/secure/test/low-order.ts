/**
 * X25519 public keys that yield no secret, whatever the private one: in hexadecimal 0, 1, two points of order 8, and p - 1, p and
 * p + 1 (RFC 7748, section 6.1).
 */
export const LOW_ORDER: readonly string[] = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ...["ec", "ed", "ee"].map((first) => `${first}${"ff".repeat(30)}7f`),
];
