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
];
