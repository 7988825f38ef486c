import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase58, encodeBase58 } from "../src/identity/base58.js";
import {
  generateIdentity,
  identityOf,
  loadIdentity,
  parsePeerId,
  peerIdentity,
  saveIdentity,
  verifySignature,
} from "../src/index.js";
import { libp2pKey } from "./libp2p-peer.js";
import { temporaryFolder } from "./temporary-folder.js";
import { hex } from "./vectors.js";

const code = (value: string) => expect.objectContaining({ name: "SecureError", code: value });
const path = temporaryFolder();
const hasModes = process.platform !== "win32";

describe("an identity", () => {
  it("has the peer id that libp2p gives it, and a fingerprint that people can compare", () => {
    const identity = generateIdentity();
    expect(identity.peerId).toMatch(/^12D3Koo/);
    expect(identity.peerId).toBe(`${libp2pKey(identity).publicKey}`);
    expect(identity.fingerprint).toMatch(/^([a-z2-7]{4}-){4}[a-z2-7]{4}$/);
  });

  it("is the same as in libp2p's specification of peer ids", () => {
    // "Test vectors" and "Examples" there: a public key message and its key.
    const key = hex("1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");
    expect(parsePeerId(peerIdentity(key).peerId).publicKey).toEqual(key);
    const peerId = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
    expect(parsePeerId(peerId).peerId).toBe(peerId);
  });

  it("signs what its public key verifies, and nothing else", () => {
    const identity = generateIdentity();
    const [message, other] = [Buffer.from("message"), Buffer.from("another")];
    const signature = identity.sign(message);
    expect(verifySignature(identity.publicKey, message, signature)).toBe(true);
    expect(verifySignature(identity.publicKey, other, signature)).toBe(false);
    expect(verifySignature(generateIdentity().publicKey, message, signature)).toBe(false);
    expect(verifySignature(identity.publicKey, message, signature.subarray(1))).toBe(false);
    expect(verifySignature(new Uint8Array(3), message, signature)).toBe(false);
  });

  it("has an Ed25519 private key, or is none", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    expect(() => identityOf(publicKey)).toThrow(code("ERR_IDENTITY_TYPE"));
    expect(() => identityOf(generateKeyPairSync("x25519").privateKey)).toThrow(code("ERR_IDENTITY_TYPE"));
    expect(() => peerIdentity(new Uint8Array(31))).toThrow(code("ERR_INVALID_ARG_VALUE"));
    expect(() => peerIdentity("key" as unknown as Uint8Array)).toThrow(code("ERR_INVALID_ARG_TYPE"));
  });

  it.each(["", "12D3Koo", "0OIl", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", "1".repeat(100)])(
    "has no peer id such as %j",
    (text) => {
      expect(() => parsePeerId(text)).toThrow(code("ERR_INVALID_PEER_ID"));
    },
  );

  it("has its bytes in base58 and back", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe("an identity file", () => {
  it.each([{}, { passphrase: "correct horse" }])("holds the identity, with %o", async (options) => {
    const identity = generateIdentity();
    await saveIdentity(identity, path("key"), options);
    expect((await loadIdentity(path("key"), options)).peerId).toBe(identity.peerId);
    const text = readFileSync(path("key"), "utf8");
    expect(text).toContain("passphrase" in options ? "BEGIN ENCRYPTED PRIVATE KEY" : "BEGIN PRIVATE KEY");
    expect(readdirSync(dirname(path("key")))).toEqual(["key"]);
  });

  it.runIf(hasModes)("is its owner's alone", async () => {
    await saveIdentity(generateIdentity(), path("key"));
    expect(statSync(path("key")).mode & 0o777).toBe(0o600);
    for (const mode of [0o640, 0o604, 0o620, 0o666]) {
      chmodSync(path("key"), mode);
      await expect(loadIdentity(path("key"))).rejects.toThrow(code("ERR_IDENTITY_FILE_MODE"));
    }
    chmodSync(path("key"), 0o400);
    await loadIdentity(path("key"));
  });

  it("is never replaced unasked", async () => {
    const [first, second] = [generateIdentity(), generateIdentity()];
    await saveIdentity(first, path("key"));
    await expect(saveIdentity(second, path("key"))).rejects.toThrow(code("ERR_IDENTITY_FILE_EXISTS"));
    expect((await loadIdentity(path("key"))).peerId).toBe(first.peerId);
    await saveIdentity(second, path("key"), { overwrite: true });
    expect((await loadIdentity(path("key"))).peerId).toBe(second.peerId);
    expect(readdirSync(dirname(path("key")))).toEqual(["key"]);
  });

  it("of several savers has the first one's, whole", async () => {
    const savers = Array.from({ length: 8 }, () => saveIdentity(generateIdentity(), path("key")));
    const outcomes = await Promise.allSettled(savers);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await loadIdentity(path("key"));
  });

  it("that is missing, or whose folder is, has a line that says so", async () => {
    await expect(loadIdentity(path("key"))).rejects.toThrow(code("ERR_IDENTITY_FILE_MISSING"));
    await expect(saveIdentity(generateIdentity(), path("no/key"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(existsSync(path("no"))).toBe(false);
  });

  it("that is encrypted needs its passphrase", async () => {
    await saveIdentity(generateIdentity(), path("key"), { passphrase: "right" });
    await expect(loadIdentity(path("key"))).rejects.toThrow(code("ERR_IDENTITY_FILE_ENCRYPTED"));
    await expect(loadIdentity(path("key"), { passphrase: "wrong" })).rejects.toThrow(
      code("ERR_IDENTITY_FILE_PASSPHRASE"),
    );
    await expect(saveIdentity(generateIdentity(), path("other"), { passphrase: "" })).rejects.toThrow(
      code("ERR_INVALID_ARG_VALUE"),
    );
    expect(existsSync(path("other"))).toBe(false);
  });

  const pem = (key: KeyObject): string => key.export({ format: "pem", type: "pkcs8" }).toString();
  it.each([
    ["empty", "", "ERR_IDENTITY_FILE_CORRUPT"],
    ["no PEM", "hello\n", "ERR_IDENTITY_FILE_CORRUPT"],
    ["cut", pem(generateIdentity().privateKey).slice(0, 60), "ERR_IDENTITY_FILE_CORRUPT"],
    ["too long", "x".repeat(20_000), "ERR_IDENTITY_FILE_CORRUPT"],
    ["a key of another type", pem(generateKeyPairSync("x25519").privateKey), "ERR_IDENTITY_TYPE"],
  ])("that is %s is refused in one line", async (_, content, expected) => {
    writeFileSync(path("key"), content, { mode: 0o600 });
    const error: unknown = await loadIdentity(path("key")).catch((reason: unknown) => reason);
    expect(error).toEqual(code(expected));
    expect((error as Error).message).toMatch(/^identity file .*key: expected .*, got .*$/);
    expect(readFileSync(path("key"), "utf8")).toBe(content);
  });
});
