import { describe, expect, it } from "vitest";
import { Socket, SocketError } from "../src/index.js";
import { socketContract } from "./socket-contract.js";

for (const family of [4, 6] as const) {
  for (const blocking of [false, true]) socketContract({ family, blocking });
}

describe("Socket.open", () => {
  it("opens IPv4 by default", () => {
    const socket = Socket.open("tcp");
    expect(socket.family).toBe(4);
    socket.close();
  });

  it("opens what there is only", () => {
    const udp = (): Socket => Socket.open("udp" as "tcp");
    expect(udp).toThrow(SocketError);
    expect(udp).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE", message: "kind: expected tcp, got udp" }),
    );
    expect(() => Socket.open("tcp", { family: 5 as 6 })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARG_VALUE", message: "family: expected 4 or 6, got 5" }),
    );
  });
});
