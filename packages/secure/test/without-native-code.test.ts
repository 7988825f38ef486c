import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** What a program printed that runs in the package's folder. */
function run(program: string, ...options: string[]): unknown {
  const args = [...options, "--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(`expected a line of JSON, got none\n${stderr}`);
  return JSON.parse(stdout);
}

const SESSION = `
  const { secure, generateIdentity } = await import("@p2pnet/secure");
  const { streamPair } = await import("@p2pnet/stream");
  const identity = generateIdentity();
  const [left, right] = streamPair();
  const upgrade = secure({ identity, verify: identity.peerId });
  const [one] = await Promise.all([upgrade(left, { role: "initiator" }), upgrade(right, { role: "responder" })]);
`;

describe("where native code may not be loaded", () => {
  it("sessions run over node:crypto, and libcrypto by name says why not", () => {
    const program = `${SESSION}
      let refused = null;
      try {
        secure({ identity, verify: identity.peerId, cipher: "libcrypto" });
      } catch ({ code, cause }) {
        refused = { code, cause: cause.code };
      }
      console.log(JSON.stringify({ same: one.peer.peerId === identity.peerId, refused }));
    `;
    expect(run(program, "--no-addons")).toEqual({
      same: true,
      refused: { code: "ERR_CIPHER_UNAVAILABLE", cause: "ERR_FFI_UNAVAILABLE" },
    });
  });

  it("importing the package loads none", () => {
    const loaded = `process.report.getReport().sharedObjects.filter((path) => path.includes("koffi")).length`;
    const program = `
      await import("@p2pnet/secure");
      const imported = ${loaded};
      {${SESSION}}
      console.log(JSON.stringify([imported, ${loaded}]));
    `;
    expect(run(program)).toEqual([0, 1]);
  });
});
