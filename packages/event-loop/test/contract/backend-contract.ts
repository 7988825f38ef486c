import { describe, expect, it } from "vitest";
import { availableBackends, type BackendName, EventLoop } from "../../src/index.js";
import { loopContract } from "./loop-contract.js";
import { type HostName, hostsOf, subjectOf } from "./subject.js";

/**
 * The contract in the backend's first host here, and of the first choice alone on its thread, too; with `P2PNET_TESTS=all`, as CI has
 * it, in every host.
 * Where it has none, one test that is skipped says why.
 *
 * @param needs what the backend needs to run
 */
export function backendContract(backend: BackendName, needs: string): void {
  const hosts = hostsOf(backend);
  const isWhole = process.env["P2PNET_TESTS"] === "all";
  // Those that take turns with the first choice are like it where they wait: their other hosts are CI's.
  const isFirst = backend === availableBackends()[0];
  const left: readonly HostName[] = isWhole ? [] : hosts.slice(1).filter((host) => host !== "blocking" || !isFirst);
  for (const host of hosts) if (!left.includes(host)) loopContract(subjectOf(backend, host));
  for (const host of left) it.skipIf(!isWhole)(`${backend}, ${host}: runs with P2PNET_TESTS=all`, () => {});
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
