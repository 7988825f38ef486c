import { describe, expect, it } from "vitest";
import { runProgram } from "./run-program.js";

const ECHO = `
import { connect, listen } from "@p2pnet/connection";
const transport = process.env.TRANSPORT;
try {
  const server = await listen({ transport }, (peer) => {
    peer.onMessage = (message) => peer.send(message);
  });
  const peer = await connect({ host: "127.0.0.1", port: server.address.port, transport });
  peer.send(new TextEncoder().encode("hello"));
  for await (const message of peer) {
    console.log(new TextDecoder().decode(message), server.transport, peer.transport);
    break;
  }
  await server.close();
} catch (error) {
  console.log("listen:", error.name, error.code);
  await connect({ host: "127.0.0.1", port: 9, transport }).catch((error) => console.log("connect:", error.name, error.code));
}
`;

const REFUSED = "listen: FfiUnavailableError ERR_FFI_UNAVAILABLE\nconnect: FfiUnavailableError ERR_FFI_UNAVAILABLE\n";

/** What this runtime has to deny native code with. */
const known = process.allowedNodeEnvironmentFlags;
const denials: (readonly string[])[] = [];
if (known.has("--no-addons")) denials.push(["--no-addons"]);
const permission = ["--permission", "--experimental-permission"].find((flag) => known.has(flag));
if (permission !== undefined) denials.push([permission, "--allow-fs-read=*"]);

/** From Node 25 on, the permission model is about the network, too. */
const network = known.has("--allow-net") ? ["--allow-net"] : [];

describe("where native code is allowed", () => {
  it.each([
    ["native", "native"],
    ["auto", "native"],
    ["node", "node"],
  ])("transport %s is %s", async (transport, used) => {
    const printed = await runProgram(ECHO, { environment: { TRANSPORT: transport } });
    expect(printed).toBe(`hello ${used} ${used}\n`);
  });
});

for (const flags of denials) {
  describe(`with ${flags.join(" ")}`, () => {
    it.each([
      ["native", REFUSED],
      ["auto", "hello node node\n"],
      ["node", "hello node node\n"],
    ])("transport %s gives %j", async (transport, expected) => {
      const allowed = flags.length > 1 ? network : [];
      const options = { environment: { TRANSPORT: transport }, flags: [...flags, ...allowed] };
      expect(await runProgram(ECHO, options)).toBe(expected);
    });
  });
}
