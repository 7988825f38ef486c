import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choosePayloads } from "../src/payloads.js";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("what a client sends", () => {
  it("names message and client by default", () => {
    expect(text(choosePayloads({ messages: 5 })(8, 1))).toBe("Message 1 from client 8");
  });

  it("is the given text, every time", () => {
    const payloads = choosePayloads({ messages: 5, text: "Hello from framed client!" });
    expect(text(payloads(1, 1))).toBe("Hello from framed client!");
    expect(text(payloads(3, 2))).toBe("Hello from framed client!");
  });

  it("repeats the names up to the given size", () => {
    expect(text(choosePayloads({ messages: 5, size: 30 })(8, 1))).toBe("Message 1 from client 8 Messag");
    expect(text(choosePayloads({ messages: 5, size: 3 })(2, 1))).toBe("005");
  });

  it("has the given size, and tells all messages of all clients apart wherever that many can be", () => {
    const cases = fc.record({
      size: fc.integer({ min: 1, max: 80 }),
      clients: fc.integer({ min: 1, max: 15 }),
      messages: fc.integer({ min: 1, max: 15 }),
    });
    fc.assert(
      fc.property(cases, ({ size, clients, messages }) => {
        const payloads = choosePayloads({ messages, size });
        const seen = new Set<string>();
        for (let client = 1; client <= clients; client++) {
          for (let message = 1; message <= messages; message++) {
            const payload = payloads(client, message);
            expect(payload.length).toBe(size);
            seen.add(text(payload));
          }
        }
        if (clients * messages <= 36 ** size) expect(seen.size).toBe(clients * messages);
      }),
    );
  });
});
