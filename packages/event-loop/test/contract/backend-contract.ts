import { describe, expect, it } from "vitest";
import { type BackendName, EventLoop } from "../../src/index.js";
import { loopContract } from "./loop-contract.js";
import { hostsOf, subjectOf } from "./subject.js";

/**
 * The contract in every host that the backend has here. Where it has none, one test that is skipped says why.
 *
 * @param needs what the backend needs to run
 */
export function backendContract(backend: BackendName, needs: string): void {
  const hosts = hostsOf(backend);
  for (const host of hosts) loopContract(subjectOf(backend, host));
  const isMissing = hosts.length === 0;
  describe(backend, () => {
    it.skipIf(isMissing)(isMissing ? `needs ${needs}` : "is had by whoever asks for it", () => {
      const loop = new EventLoop({ backend });
      expect([loop.backend, loop.size]).toEqual([backend, 0]);
      loop.close();
    });

    if (!isMissing) return;
    it("is refused to whoever asks for it", () => {
      expect(() => new EventLoop({ backend })).toThrow(
        expect.objectContaining({
          code: "ERR_BACKEND_UNAVAILABLE",
          message: expect.stringMatching(`^backend: expected one of auto, .*, got "${backend}"$`),
        }),
      );
    });
  });
}
