import { describe, expect, it } from "vitest";
import { runProgram } from "./run-program.js";
import { testedBackends } from "./tested-backends.js";

/** What the design promises, to the letter. */
const FIRST_PROGRAM = `
import { connect, listen } from "@p2pnet/connection";

const server = await listen({ host: "127.0.0.1", port: 0 }, (peer) => {
  peer.onMessage = (message) => peer.send(message);           // echo
});
const peer = await connect({ host: "127.0.0.1", port: server.address.port });
peer.send(new TextEncoder().encode("hello"));
for await (const message of peer) { console.log(new TextDecoder().decode(message)); break; }   // break closes gracefully
await server.close();
`;

describe("the first program", () => {
  it("prints hello and ends by itself", async () => {
    expect(await runProgram(FIRST_PROGRAM)).toBe("hello\n");
  });

  it.each(testedBackends())("does so with P2PNET_BACKEND=%s", async (backend) => {
    expect(await runProgram(FIRST_PROGRAM, { environment: { P2PNET_BACKEND: backend } })).toBe("hello\n");
  });
});
