import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generateIdentity, loadIdentity, type SecureError, saveIdentity } from "../src/index.js";
import { temporaryFolder } from "./temporary-folder.js";

const path = temporaryFolder();

/** A key of nobody, made for this: under passphrase "right", and bytes that look well padded under some others. */
const PEM = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgEHOo5lTsvwQICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHpIUsCPaDhX/dzZVoSv2/oEQNkS
WH1JZbD/eNNk1P7Q2D+UCbA/zLOj8dorzpHcP9e0s2I1vuIqlzIuPCrmcrSkqWIX
SOqggOSjuiz6BoO9G4U=
-----END ENCRYPTED PRIVATE KEY-----
`;
const [FIRST, ...BODY] = PEM.trim().split("\n");
const LAST = BODY.pop()!;
const DER = Buffer.from(BODY.join(""), "base64");

const pemOf = (der: Uint8Array): string => `${FIRST}\n${Buffer.from(der).toString("base64")}\n${LAST}\n`;

/** The peer id in a file of that text, or the code of what it is refused with. */
async function outcome(text: string, passphrase: string): Promise<string> {
  writeFileSync(path("key"), text, { mode: 0o600 });
  return loadIdentity(path("key"), { passphrase }).then(
    ({ peerId }) => peerId,
    ({ code }: SecureError) => code,
  );
}

describe("an encrypted identity file", () => {
  it("holds the identity for who has its passphrase", async () => {
    expect(await outcome(PEM, "right")).toMatch(/^12D3Koo/);
    expect(await outcome(pemOf(DER), "right")).toBe(await outcome(PEM, "right"));
  });

  // Under the numbered ones padding is right by chance, and what is decrypted is no key: OpenSSL then tells another error.
  it.each(["", "Right", "right ", "x".repeat(2_000), "wrong 87", "wrong 164", "wrong 390", "wrong 493", "wrong 497"])(
    "is refused to passphrase %j",
    async (passphrase) => {
      expect(await outcome(PEM, passphrase)).toBe("ERR_IDENTITY_FILE_PASSPHRASE");
    },
  );

  it("is refused to any of many passphrases in the same way", async () => {
    const outcomes = new Set<string>();
    for (let i = 0; i < 300; i++) outcomes.add(await outcome(PEM, `guess ${i}`));
    expect([...outcomes]).toEqual(["ERR_IDENTITY_FILE_PASSPHRASE"]);
  });

  it("is refused in the same way when it is cut, wherever", async () => {
    const outcomes = new Set<string>();
    for (let length = FIRST!.length; length < PEM.length - 2; length += 3) {
      outcomes.add(await outcome(PEM.slice(0, length), "right"));
    }
    for (let length = 0; length < DER.length; length++) {
      outcomes.add(await outcome(pemOf(DER.subarray(0, length)), "right"));
    }
    expect([...outcomes]).toEqual(["ERR_IDENTITY_FILE_PASSPHRASE"]);
  });

  it("is refused in the same way when a byte of it is changed, or is of another identity: its form has no checksum", async () => {
    const own = await outcome(PEM, "right");
    const changed: number[] = [];
    for (let at = 0; at < DER.length; at++) {
      const result = await outcome(pemOf(DER.map((byte, i) => (i === at ? byte ^ 0x41 : byte))), "right");
      // Some bytes say nothing of the key.
      if (result === own || result === "ERR_IDENTITY_FILE_PASSPHRASE") continue;
      expect(result).toMatch(/^12D3Koo/);
      changed.push(at);
    }
    // The first half of the key, in which all is garbled and so is a bit of the second.
    expect(changed).toEqual(Array.from({ length: 16 }, (_, i) => 110 + i));
  });

  it("says in one line that it is the passphrase, or the file", async () => {
    writeFileSync(path("key"), PEM, { mode: 0o600 });
    const message = `identity file ${path("key")}: expected its passphrase, and a whole file, got another, or a damaged one`;
    for (const passphrase of ["wrong", "wrong 87"]) {
      await expect(loadIdentity(path("key"), { passphrase })).rejects.toThrow(message);
    }
    expect(readFileSync(path("key"), "utf8")).toBe(PEM);
  });

  it("takes passphrases that can be read back, up to 1,024 bytes, and no longer ones", async () => {
    const identity = generateIdentity();
    const longest = "ä".repeat(512);
    await saveIdentity(identity, path("key"), { passphrase: longest });
    expect((await loadIdentity(path("key"), { passphrase: longest })).peerId).toBe(identity.peerId);
    await expect(saveIdentity(identity, path("other"), { passphrase: `${longest}x` })).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_VALUE",
      message: "passphrase: expected 1 to 1024 bytes, got 1025",
    });
  });
});
