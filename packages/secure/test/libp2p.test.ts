import { streamPair } from "@p2pnet/stream";
import { describe, expect, it } from "vitest";
import { Recorder } from "../../stream/test/recorder.js";
import { type Role, secure } from "../src/index.js";
import { type Libp2pSide, libp2pNoise } from "./libp2p-peer.js";
import { alice, bob, text } from "./sessions.js";

const other = (role: Role): Role => (role === "initiator" ? "responder" : "initiator");

/** Everything that libp2p's side receives, until it is so many bytes. */
function received({ connection }: Libp2pSide, length: number): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    connection.addEventListener("message", ({ data }) => {
      chunks.push(new Uint8Array(data.subarray()));
      const all = Buffer.concat(chunks);
      if (all.length >= length) resolve(new Uint8Array(all));
    });
  });
}

const cases = (["initiator", "responder"] as const).flatMap((role) =>
  (["libcrypto", "node"] as const).map((cipher) => ({ role, cipher })),
);

describe.each(cases)("as $role over $cipher with libp2p's own implementation of /noise", ({ role, cipher }) => {
  const start = async (chunkSize: number) => {
    const [left, right] = streamPair({ chunkSize });
    const upgrade = secure({ identity: alice, verify: bob.peerId, cipher });
    const [ours, theirs] = await Promise.all([upgrade(left, { role }), libp2pNoise(right, bob, other(role))]);
    return { ours, theirs };
  };

  it.each([Number.POSITIVE_INFINITY, 1])(
    "knows the peer, and is known to it, in chunks of %s bytes",
    async (chunkSize) => {
      const { ours, theirs } = await start(chunkSize);
      expect(ours.peer.peerId).toBe(bob.peerId);
      expect(theirs.remotePeer).toBe(alice.peerId);
      expect(ours.peer.additions).toBe(false);
    },
  );

  it("carries bytes both ways, of every size around the bounds of a message", async () => {
    const { ours, theirs } = await start(65_536);
    const sizes = [1, 25, 16_365, 16_366, 16_367, 65_519, 65_520, 200_000];
    const bytes = Uint8Array.from({ length: sizes.reduce((sum, size) => sum + size) }, (_, i) => i * 31 + (i >> 8));
    const atOurs = new Recorder();
    ours.stream.start(atOurs);
    ours.stream.resume();
    const atTheirs = received(theirs, bytes.length);
    let offset = 0;
    for (const size of sizes) {
      ours.stream.write(bytes.subarray(offset, offset + size));
      theirs.connection.send(bytes.slice(offset, offset + size));
      offset += size;
      await Promise.resolve();
    }
    await atOurs.received(bytes.length);
    expect(Buffer.compare(atOurs.bytes, bytes)).toBe(0);
    expect(Buffer.compare(await atTheirs, bytes)).toBe(0);
  });

  it("is never sent a message under another key, however small our limits are", async () => {
    const [left, right] = streamPair();
    const upgrade = secure({ identity: alice, verify: bob.peerId, cipher, rekey: { messages: 1, bytes: 1 } });
    const [ours, theirs] = await Promise.all([upgrade(left, { role }), libp2pNoise(right, bob, other(role))]);
    ours.stream.start(new Recorder());
    const atTheirs = received(theirs, 30);
    for (const word of ["first one.", "second ...", "third one."]) {
      ours.stream.write(text(word));
      await Promise.resolve();
    }
    expect(Buffer.from(await atTheirs).toString()).toBe("first one.second ...third one.");
  });
});

it("refuses a libp2p peer of another identity than the pinned one", async () => {
  const [left, right] = streamPair();
  const upgrade = secure({ identity: alice, verify: alice.peerId });
  const theirs = libp2pNoise(right, bob, "responder").then(
    () => "secured",
    () => "failed",
  );
  await expect(upgrade(left, { role: "initiator" })).rejects.toMatchObject({ code: "ERR_PEER_REFUSED" });
  expect(await theirs).toBe("failed");
});
