/** @typedef {import("./portable-suites.mjs").LeftOut} LeftOut */

/**
 * What tests ask of Node itself and another runtime does otherwise: left out there, by name.
 *
 * @param {string} runtime
 * @returns {LeftOut[]}
 */
export function runtimeDifferences(runtime) {
  return { Bun: [...NOT_NODE, ...BUN], Deno: [...NOT_NODE, ...DENO] }[runtime] ?? [];
}

/** @type {LeftOut[]} */
const NOT_NODE = [
  { package: "sys", file: /^(node-loop|load|import)\.test/, why: "is about Node's own loop, flags and reports" },
  { package: "sys", file: /^libcrypto\.test/, why: "calls the OpenSSL that Node carries" },
  { package: "connection", file: /^tls\.test/, why: "needs a cipher without certificates, which only Node's TLS has" },
];

/** @type {LeftOut[]} */
const BUN = [
  {
    package: "connection",
    file: /^workers\.test/,
    tests: /without closing what it has open/,
    why: "Bun's workers have no bound of memory",
  },
  { file: /^(memory|timers)\.test/, why: "asks V8 to collect garbage" },
  { package: "sys", file: /^system-error\.test/, tests: /Node's own error/, why: "Bun's errors have other shapes" },
  {
    package: "socket",
    file: /^processes\.test/,
    tests: /loads no native code|fromHandle has taken over/,
    why: "Bun reports no libraries, and hands no sockets to a child",
  },
  {
    package: "connection",
    file: /^natural-exit\.test/,
    tests: /descriptors back|hears of an onClose that throws/,
    why: "Bun prints objects otherwise",
  },
];

/** Of Deno's node:net: a peer's reset comes as EPIPE, late or not at all, and its end may overtake bytes. */
const NET = "Deno's node:net tells of ends and resets otherwise";
const EVAL = "Deno's --eval takes no modules";

/** @type {LeftOut[]} */
const DENO = [
  {
    package: "connection",
    file: /^workers\.test/,
    tests: /first cannot listen|cannot share an address/,
    why: "Deno's workers die of errors without a code",
  },
  { package: "sys", file: /^interrupted-for-real\.test/, why: EVAL },
  { package: "sys", file: /^posix\.test/, tests: /right in each thread/, why: EVAL },
  {
    package: "sys",
    file: /^system-error\.test/,
    tests: /number and name that Node gives/,
    why: "Deno names fewer numbers",
  },
  { package: "socket", file: /^blocking\.test/, tests: /until a client comes/, why: EVAL },
  { package: "socket", file: /^processes\.test/, why: EVAL },
  { package: "socket", file: /^unix\.test/, tests: /talks to Node's own/, why: NET },
  {
    package: "connection",
    file: /^node-connection\.test/,
    tests:
      /peer's abort|peer's end it flushes|its own end has been|a reset while|empty frame|truncated frame|may call '(send|pause)' from|part of a message|allowHalfOpen has queued|after the peer's end closes|lets an iteration go on/,
    why: NET,
  },
  { package: "connection", file: /^connection\.property\.test/, tests: /over sockets of node:net/, why: NET },
  { package: "connection", file: /^node-stream\.test/, tests: /reset|peer's end when it reads/, why: NET },
  {
    package: "connection",
    file: /^transports\.test/,
    tests: /transport node (takes IPv4 peers|goes on beside)/,
    why: NET,
  },
  {
    package: "connection",
    file: /^natural-exit\.test/,
    tests: /transport node gets all its descriptors back/,
    why: NET,
  },
];
