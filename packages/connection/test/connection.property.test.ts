import type { StreamPairOptions } from "@p2pnet/stream";
import fc from "fast-check";
import { describe, it } from "vitest";
import type { Carried, Carrier } from "./carrier.js";
import { memoryCarrier } from "./memory-carrier.js";
import { anyLifeIsGood } from "./model/life.js";
import { nodeCarrier } from "./node-carrier.js";
import { socketCarrier } from "./socket-carrier.js";
import { testedBackends } from "./tested-backends.js";

const memory: fc.Arbitrary<StreamPairOptions> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ chunkSize: upTo(1, 400), bufferSize: upTo(1, 2_000) }) },
  { weight: 4, arbitrary: fc.record({ chunkSize: fc.constant(65_536), bufferSize: upTo(1, 65_536) }) },
  {
    weight: 1,
    arbitrary: fc.record({ chunkSize: upTo(50, 400), bufferSize: upTo(500, 2_000), latencyMs: fc.constant(1) }),
  },
);
const systems: readonly Carrier[] = [nodeCarrier(), ...testedBackends().map(socketCarrier)];

/** A failure prints its seed and path: give them to `fc.assert` to see it again. */
describe("whatever two ends do, nothing is lost, doubled or told twice, and nobody is left waiting", () => {
  it("in memory", async () => {
    const open = (options: StreamPairOptions): Carried | Promise<Carried> => memoryCarrier("memory", 0, options).open();
    await anyLifeIsGood(memory, open, { numRuns: 1_000, limitMs: 2_000 });
  });

  it.each(systems.map((carrier) => [carrier.name, carrier] as const))("over %s", async (name, carrier) => {
    await anyLifeIsGood(fc.constant(name), () => carrier.open(), { numRuns: 100, limitMs: 700 });
  });
});

function upTo(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max });
}
