import { chmodSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allowedPeers, generateIdentity, parsePeer } from "../src/index.js";
import { alice, bob, session } from "./sessions.js";
import { temporaryFolder } from "./temporary-folder.js";
import { toHex } from "./vectors.js";

const path = temporaryFolder();
const hasModes = process.platform !== "win32";
const refused = (message: string) =>
  expect.objectContaining({ name: "SecureError", code: "ERR_ALLOWED_PEERS_FILE", message });

function allow(content: string, mode = 0o600): string {
  writeFileSync(path("allowed"), content);
  chmodSync(path("allowed"), mode);
  return path("allowed");
}

describe("allowed peers", () => {
  it("are named by peer id or public key, one a line, beside comments", async () => {
    const key = toHex(bob.publicKey);
    const file = allow(`# friends\r\n\n  ${alice.peerId}  # laptop\r\n${key}\n${key.toUpperCase()}`, 0o644);
    expect((await allowedPeers(file)).map(({ peerId }) => peerId)).toEqual([alice.peerId, bob.peerId, bob.peerId]);
  });

  it("guard a session", async () => {
    const verify = await allowedPeers(allow(`${generateIdentity().peerId}\n${bob.peerId}\n`));
    expect((await session({ initiator: { verify } })).initiator.peer.peerId).toBe(bob.peerId);
    const stranger = session({ initiator: { verify }, responder: { identity: generateIdentity() } });
    await expect(stranger).rejects.toMatchObject({ code: "ERR_PEER_REFUSED" });
  });

  it.each([
    ["another word", "friends"],
    ["two peers", `${alice.peerId} ${bob.peerId}`],
    ["a peer id of another kind", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"],
    ["a digit too few", toHex(bob.publicKey).slice(1)],
  ])("are not read from a file with %s, whose line is named", async (_, text) => {
    const file = allow(`# one\n${alice.peerId}\n${text}\n`);
    const expected = "a peer id of an Ed25519 key or its 64 hexadecimal digits";
    const got = JSON.stringify(text.slice(0, 80));
    await expect(allowedPeers(file)).rejects.toThrow(
      refused(`allowed peers ${file}, line 3: expected ${expected}, got ${got}`),
    );
  });

  it("are somebody", async () => {
    const file = allow("# nobody yet\n\n");
    await expect(allowedPeers(file)).rejects.toThrow(
      refused(`allowed peers ${file}: expected at least one peer, got none`),
    );
  });

  it("are in a file that is there", async () => {
    const file = path("missing");
    await expect(allowedPeers(file)).rejects.toThrow(refused(`allowed peers ${file}: expected a file, got none`));
    const folder = path(".");
    const got = "something else, such as a folder";
    await expect(allowedPeers(folder)).rejects.toThrow(refused(`allowed peers ${folder}: expected a file, got ${got}`));
  });

  it.runIf(hasModes)("are not read from a file that others may write", async () => {
    const file = allow(bob.peerId, 0o620);
    const message = `allowed peers ${file}: expected its owner alone to write it, got mode 0620`;
    await expect(allowedPeers(file)).rejects.toThrow(refused(message));
  });
});

it("a peer is parsed from its peer id or its public key", () => {
  for (const text of [bob.peerId, toHex(bob.publicKey)]) expect(parsePeer(text)).toEqual(parsePeer(bob.peerId));
  expect(() => parsePeer("bob")).toThrow(expect.objectContaining({ code: "ERR_INVALID_PEER_ID" }));
});
