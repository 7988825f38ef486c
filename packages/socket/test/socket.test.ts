import type { AddressFamily } from "@p2pnet/sys";
import { describe, expect, it } from "vitest";
import { Socket, SocketError, type SocketKind } from "../src/index.js";
import { nameUnless, noUnixSockets } from "./capabilities.js";
import { errorOf } from "./loopback.js";
import { socketContract } from "./socket-contract.js";

const sorts: [SocketKind, AddressFamily][] = [
  ["tcp", 4],
  ["tcp", 6],
  ["udp", 4],
  ["udp", 6],
  ["unix", "unix"],
];
for (const [kind, family] of sorts) {
  for (const blocking of [false, true]) socketContract({ kind, family, blocking });
}

describe("Socket.open", () => {
  it("opens IPv4 by default", () => {
    for (const kind of ["tcp", "udp"] as const) {
      const socket = Socket.open(kind);
      expect(socket).toMatchObject({ kind, family: 4 });
      socket.close();
    }
  });

  it.skipIf(noUnixSockets)(nameUnless(noUnixSockets, "opens Unix sockets, which have no such family"), () => {
    const socket = Socket.open("unix");
    expect(socket).toMatchObject({ kind: "unix", family: "unix" });
    socket.close();
    expect(errorOf(() => Socket.open("unix", { family: 4 }))).toMatchObject({
      code: "ERR_INVALID_ARG_VALUE",
      message: "family: expected none for a Unix socket, got 4",
    });
  });

  it("opens what there is only", () => {
    const sctp = (): Socket => Socket.open("sctp" as "tcp");
    expect(sctp).toThrow(SocketError);
    expect(sctp).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_ARG_VALUE",
        message: "kind: expected tcp or udp or unix, got sctp",
      }),
    );
    expect(() => Socket.open("tcp", { family: 5 as 6 })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE", message: "family: expected 4 or 6, got 5" }),
    );
  });
});
