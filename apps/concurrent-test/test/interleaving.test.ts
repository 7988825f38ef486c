import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Interleaving } from "../src/interleaving.js";

function verdict(arrivals: readonly number[], clients = 3, messages = 3): boolean | null {
  const interleaving = new Interleaving();
  for (const client of arrivals) interleaving.arrived(client);
  return interleaving.verdict(clients, messages);
}

describe("whether clients interleaved", () => {
  it("is yes when a client's echoes come before and after another's", () => {
    expect(verdict([1, 2, 1])).toBe(true);
    expect(verdict([1, 1, 2, 3, 3, 2])).toBe(true);
  });

  it("is no when one client is served after the other, in whatever order", () => {
    expect(verdict([1, 1, 1, 2, 2, 2, 3, 3, 3])).toBe(false);
    expect(verdict([3, 3, 1, 2])).toBe(false);
    expect(verdict([])).toBe(false);
  });

  it("cannot be told with one client, or one message each", () => {
    expect(verdict([1, 1, 1], 1)).toBeNull();
    expect(verdict([1, 2, 3], 3, 1)).toBeNull();
  });

  it("is no exactly when the arrivals of each client stand together", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 }), (arrivals) => {
        const together = [...new Set(arrivals)].every((client) => {
          const length = arrivals.filter((other) => other === client).length;
          return arrivals.lastIndexOf(client) - arrivals.indexOf(client) + 1 === length;
        });
        expect(verdict(arrivals)).toBe(!together);
      }),
    );
  });
});
