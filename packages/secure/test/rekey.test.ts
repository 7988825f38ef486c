import { describe, expect, it } from "vitest";
import { recorders, session, text } from "./sessions.js";

describe.each(["libcrypto", "node"] as const)("keys of %s", (cipher) => {
  it.each([
    ["messages", { messages: 3 }, {}],
    ["bytes", { bytes: 25 }, {}],
    ["the peer's limits, if they are sooner", {}, { messages: 2, bytes: 1_000 }],
  ])("are replaced by %s, and nobody notices", async (_, ours, theirs) => {
    const sides = await session({ initiator: { rekey: ours, cipher }, responder: { rekey: theirs, cipher } });
    const [atInitiator, atResponder] = recorders(sides);
    let sent = "";
    for (let i = 0; i < 50; i++) {
      const word = `message ${i}.`;
      sent += word;
      sides.initiator.stream.write(text(word));
      sides.responder.stream.write(text(word));
      await Promise.resolve();
    }
    sides.initiator.stream.end();
    sides.responder.stream.end();
    await Promise.all([atInitiator.ended(), atResponder.ended()]);
    expect([atInitiator.text, atResponder.text]).toEqual([sent, sent]);
    expect([...atInitiator.errors, ...atResponder.errors]).toEqual([]);
  });

  it.each(["initiator", "responder"] as const)("are not replaced if the %s does not offer it", async (side) => {
    const rekey = { rekey: { messages: 1 }, cipher };
    const sides = await session({ initiator: rekey, responder: rekey, [side]: { ...rekey, additions: false } });
    expect([sides.initiator.peer.additions, sides.responder.peer.additions]).toEqual([false, false]);
    const [, atResponder] = recorders(sides);
    sides.initiator.stream.write(text("a"));
    await atResponder.received(1);
    sides.initiator.stream.write(text("b"));
    sides.initiator.stream.end();
    await atResponder.ended();
    expect(atResponder.text).toBe("ab");
  });
});
