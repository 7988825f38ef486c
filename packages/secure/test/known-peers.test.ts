import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generateIdentity, knownPeer } from "../src/index.js";
import { alice, bob, session } from "./sessions.js";
import { temporaryFolder } from "./temporary-folder.js";

const code = (value: string) => expect.objectContaining({ name: "SecureError", code: value });
const path = temporaryFolder();
const context = { role: "initiator", signal: new AbortController().signal } as const;
const hasModes = process.platform !== "win32";

describe("known peers", () => {
  it("are trusted on first use, and must have that key from then on", async () => {
    const verify = knownPeer(path("known"), "example.org:4433");
    expect(await verify(bob, context)).toBe(true);
    expect(readFileSync(path("known"), "utf8")).toBe(`example.org:4433 ${bob.peerId}\n`);
    expect(await verify(bob, context)).toBe(true);
    expect(readFileSync(path("known"), "utf8")).toBe(`example.org:4433 ${bob.peerId}\n`);
    if (hasModes) expect(statSync(path("known")).mode & 0o777).toBe(0o600);
  });

  it("that come with another key are refused, with both fingerprints to compare", async () => {
    const verify = knownPeer(path("known"), "example.org:4433");
    await verify(bob, context);
    await expect(verify(alice, context)).rejects.toThrow(code("ERR_PEER_KEY_CHANGED"));
    await expect(verify(alice, context)).rejects.toThrow(
      `example.org:4433: expected the known key ${bob.fingerprint}, got ${alice.fingerprint}`,
    );
    expect(await verify(bob, context)).toBe(true);
  });

  it("have a name each, and the file may have comments", async () => {
    writeFileSync(path("known"), `# servers\n\nother ${alice.peerId}`, { mode: 0o600 });
    expect(await knownPeer(path("known"), "mine")(bob, context)).toBe(true);
    expect(readFileSync(path("known"), "utf8")).toBe(`# servers\n\nother ${alice.peerId}\nmine ${bob.peerId}\n`);
    await expect(knownPeer(path("known"), "other")(bob, context)).rejects.toThrow(code("ERR_PEER_KEY_CHANGED"));
  });

  it("that come first at the same time with different keys are not both trusted", async () => {
    const peers = Array.from({ length: 8 }, () => generateIdentity());
    const outcomes = await Promise.allSettled(peers.map((peer) => knownPeer(path("known"), "name")(peer, context)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("guard a session", async () => {
    const verify = knownPeer(path("known"), "bob");
    expect((await session({ initiator: { verify } })).initiator.peer.peerId).toBe(bob.peerId);
    const impostor = session({ initiator: { verify }, responder: { identity: generateIdentity() } });
    await expect(impostor).rejects.toThrow(code("ERR_PEER_KEY_CHANGED"));
  });

  it.each([
    ["of one word", "name\n"],
    ["of three words", `name ${bob.peerId} more\n`],
    ["without a peer id", "name key\n"],
  ])("are not read from a file with a line %s", async (_, content) => {
    writeFileSync(path("known"), content, { mode: 0o600 });
    await expect(knownPeer(path("known"), "name")(bob, context)).rejects.toThrow(code("ERR_KNOWN_PEERS_FILE"));
    expect(readFileSync(path("known"), "utf8")).toBe(content);
  });

  it.runIf(hasModes)("are not read from a file that others may write", async () => {
    writeFileSync(path("known"), "");
    chmodSync(path("known"), 0o666);
    await expect(knownPeer(path("known"), "name")(bob, context)).rejects.toThrow(code("ERR_KNOWN_PEERS_FILE"));
  });

  it("are not kept once nobody waits for the answer", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(knownPeer(path("known"), "name")(bob, { ...context, signal })).rejects.toThrow("too late");
    expect(readFileSync(path("known"), "utf8")).toBe("");
  });

  it.each(["", "two words", "#comment", "line\nbreak", "naïve"])("have no name such as %j", (name) => {
    expect(() => knownPeer(path("known"), name)).toThrow(code("ERR_INVALID_ARG_VALUE"));
  });
});
