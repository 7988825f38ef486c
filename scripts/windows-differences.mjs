/** Winsock tells who reads of a reset; Wine 8 tells them the end. Nobody can tell it better there. */
const RESETS = "waits for a reset to be told, where Wine tells an end";

const PROC = "reads /proc, which Wine shows, but as its own";

/**
 * What Windows does not have, and what Wine does otherwise than Windows: left out there, by name.
 *
 * @type {import("./portable-suites.mjs").LeftOut[]}
 */
export const windowsDifferences = [
  {
    package: "sys",
    file: /^(?!calls|windows|winsock|system-error|constants|layouts|current-system|socket-address|memory)/,
    why: "is about other systems, or Node's own loop",
  },
  { package: "socket", file: /^(processes|own-network|unix|shared-ports)\.test/, why: "is about Unix" },
  { package: "event-loop", file: /^(epoll|kqueue)/, why: "is about other systems" },
  {
    package: "event-loop",
    file: /^(libuv|poll)\.test/,
    tests: /read what came before a reset although end fails first/,
    why: RESETS,
  },
  {
    package: "connection",
    file: /^accept-faults\.test/,
    tests: /may be closed while it pauses|accepting (fails|has failed) for good/,
    why: RESETS,
  },
  {
    package: "connection",
    file: /^server\.test/,
    tests:
      /options that it was given|turns away whom|sends no frames|reports what onConnection throws|reports what onError throws/,
    why: RESETS,
  },
  {
    package: "connection",
    file: /^transports\.test/,
    tests: /resets at abort|beside a connection whose handler throws/,
    why: RESETS,
  },
  {
    package: "connection",
    file: /^socket-connection\.test/,
    tests:
      /handler has aborted|broken frames end the connection|outgrow its cap|throws after a failure|then resets it|abort\(\)|a reset before it closes|the peer\\?'s abort|with a reset/,
    why: RESETS,
  },
  {
    package: "connection",
    file: /^blocking\.test/,
    tests: /throw when the peer resets/,
    why: RESETS,
  },
  { package: "connection", file: /^memory-connection\.test/, why: "needs no system" },
  { package: "connection", file: /^unix-sockets\.test/, why: "Wine has no Unix sockets" },
  {
    package: "connection",
    file: /^natural-exit\.test/,
    tests: /gets all its descriptors back/,
    why: PROC,
  },
  { package: "event-loop", file: /^default-loop\.test/, tests: /loads no native code/, why: PROC },
];
