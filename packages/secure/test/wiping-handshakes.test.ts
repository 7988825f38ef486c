import { streamPair } from "@p2pnet/stream";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { generateIdentity, HandshakeState, type Role, secure, type Verify } from "../src/index.js";
import { framesBetween } from "./meddler.js";
import { alice, bob } from "./sessions.js";

describe("the secrets of a handshake", () => {
  let wiped: MockInstance<() => void>;
  beforeEach(() => {
    wiped = vi.spyOn(HandshakeState.prototype, "wipe");
  });
  afterEach(() => wiped.mockRestore());

  /** In which roles a handshake has forgotten them. */
  const roles = (): Set<Role> => new Set(wiped.mock.contexts.map((state) => (state as HandshakeState).role));

  it("are forgotten at its end", async () => {
    const [left, right] = streamPair();
    await Promise.all([
      secure({ identity: alice, verify: bob })(left, { role: "initiator" }),
      secure({ identity: bob, verify: alice })(right, { role: "responder" }),
    ]);
    expect(roles()).toEqual(new Set(["initiator", "responder"]));
  });

  it("are forgotten when it fails, on both sides", async () => {
    const [left, right] = streamPair();
    await Promise.allSettled([
      secure({ identity: alice, verify: generateIdentity() })(left, { role: "initiator" }),
      secure({ identity: bob, verify: alice })(right, { role: "responder" }),
    ]);
    expect(roles()).toEqual(new Set(["initiator", "responder"]));
  });

  it.each([0, 1, 2])("are forgotten at its deadline when message %i never comes", async (lost) => {
    const { left, right } = framesBetween(({ frame, number }) => (number < lost ? [frame] : []));
    const [initiator, responder] = await Promise.allSettled([
      secure({ identity: alice, verify: bob, handshakeTimeoutMs: 30 })(left, { role: "initiator" }),
      secure({ identity: bob, verify: alice, handshakeTimeoutMs: 30 })(right, { role: "responder" }),
    ]);
    expect([initiator.status, responder.status]).toContain("rejected");
    expect(roles()).toEqual(new Set(["initiator", "responder"]));
  });

  it.each(["initiator", "responder"] as const)(
    "are forgotten at the deadline of the %s whose verify never answers",
    async (role) => {
      const never: Verify = () => new Promise(() => {});
      const [left, right] = streamPair();
      const other = role === "initiator" ? "responder" : "initiator";
      const peer = secure({ identity: bob, verify: alice })(right, { role: other });
      const ours = secure({ identity: alice, verify: never, handshakeTimeoutMs: 30 })(left, { role });
      await expect(ours).rejects.toMatchObject({ code: "ERR_HANDSHAKE_TIMEOUT" });
      await Promise.allSettled([peer]);
      await Promise.resolve();
      expect(roles()).toContain(role);
    },
  );

  it.each([
    ["answers", true],
    ["never does", new Promise<boolean>(() => {})],
  ])("are forgotten when verify itself aborts, and then %s", async (_, answer) => {
    const stop = new AbortController();
    const [left, right] = streamPair();
    const accepts: Verify = () => {
      stop.abort(new Error("enough"));
      return answer;
    };
    const peer = secure({ identity: bob, verify: alice })(right, { role: "responder" });
    const ours = secure({ identity: alice, verify: accepts })(left, { role: "initiator", signal: stop.signal });
    await expect(ours).rejects.toThrow("enough");
    await expect(peer).rejects.toMatchObject({ code: "ERR_HANDSHAKE_CLOSED" });
    expect(roles()).toEqual(new Set(["initiator", "responder"]));
  });

  it("are forgotten when it is aborted while its first message is written", async () => {
    const stop = new AbortController();
    const [left] = streamPair();
    const write = left.write.bind(left);
    left.write = (bytes) => {
      write(bytes);
      stop.abort(new Error("enough"));
    };
    const ours = secure({ identity: alice, verify: bob })(left, { role: "initiator", signal: stop.signal });
    await expect(ours).rejects.toThrow("enough");
    expect(roles()).toEqual(new Set(["initiator"]));
  });
});
