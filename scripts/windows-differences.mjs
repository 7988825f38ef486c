const SO_ERROR = "asks SO_ERROR of a reset, or once more after it was told: Wine does not know";
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
    tests: /gives a reset to a socket (that only writes|for which nobody reads)/,
    why: SO_ERROR,
  },
  {
    package: "socket",
    file: /^socket\.test/,
    tests: /gives what arrived before a reset|gives the error of a reset to whoever/,
    why: SO_ERROR,
  },
  {
    package: "connection",
    file: /^transports\.test/,
    tests: /transport native (counts connections by|resets at abort|goes on beside)/,
    why: SO_ERROR,
  },
  { package: "connection", file: /^memory-connection\.test/, why: "needs no system" },
  {
    package: "connection",
    file: /^workers\.test/,
    tests:
      /^(?!.*(as many as there are processors|once each|refuse \{|spread by handles (share one|answer each|add up)))/,
    why: "a thread that ends within a call aborts with libuv; the others of these have not been tried",
  },
  { package: "connection", file: /^unix-sockets\.test/, why: "Wine has no Unix sockets" },
  {
    package: "connection",
    file: /^natural-exit\.test/,
    tests: /gets all its descriptors back/,
    why: PROC,
  },
  { package: "event-loop", file: /^default-loop\.test/, tests: /loads no native code/, why: PROC },
];
