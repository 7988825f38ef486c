import { streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { generateIdentity, parsePeerId, secure, type Verify, type VerifyContext } from "../src/index.js";
import { alice, bob, session } from "./sessions.js";

const code = (value: string) => expect.objectContaining({ name: "SecureError", code: value });

describe("whoever is verified", () => {
  const upgrade = async (verify: Verify): Promise<string> => {
    const peer = session({ initiator: { verify } }).then(({ initiator }) => initiator.peer.peerId);
    return peer.catch((error: { code: string }) => error.code);
  };

  it("is accepted as a pinned key in any form, or in a list", async () => {
    for (const key of [bob.peerId, bob.publicKey, bob, parsePeerId(bob.peerId)]) {
      expect(await upgrade(key)).toBe(bob.peerId);
      expect(await upgrade([generateIdentity().peerId, key])).toBe(bob.peerId);
    }
    expect(await upgrade(generateIdentity().peerId)).toBe("ERR_PEER_REFUSED");
    expect(await upgrade([])).toBe("ERR_PEER_REFUSED");
  });

  it("is accepted by a function, at once or later, which says true and nothing else", async () => {
    expect(await upgrade(({ peerId }) => peerId === bob.peerId)).toBe(bob.peerId);
    expect(await upgrade(async ({ fingerprint }) => fingerprint === bob.fingerprint)).toBe(bob.peerId);
    expect(await upgrade(() => false)).toBe("ERR_PEER_REFUSED");
    expect(await upgrade((() => "yes") as unknown as Verify)).toBe("ERR_PEER_REFUSED");
    expect(await upgrade(() => Promise.reject(Object.assign(new Error("no database"), { code: "E_DATABASE" })))).toBe(
      "E_DATABASE",
    );
  });

  it("is named in the error, with the fingerprint to compare", async () => {
    await expect(session({ initiator: { verify: () => false } })).rejects.toThrow(
      `peer: expected one that verify accepts, got ${bob.peerId} (${bob.fingerprint})`,
    );
  });

  it("is asked about with a signal, which is aborted when the handshake is", async () => {
    const [left, right] = streamPair();
    const responder = secure({ identity: bob, verify: () => true })(right, { role: "responder" });
    const stop = new AbortController();
    let context: VerifyContext | null = null;
    const verify: Verify = (_, given) => {
      context = given;
      queueMicrotask(() => stop.abort(new Error("enough")));
      return new Promise(() => {});
    };
    const initiator = secure({ identity: alice, verify })(left, { role: "initiator", signal: stop.signal });
    await expect(initiator).rejects.toThrow("enough");
    await expect(responder).rejects.toThrow(code("ERR_HANDSHAKE_CLOSED"));
    expect(context).toMatchObject({ role: "initiator", signal: { aborted: true } });
  });
});
