import { describe, it } from "vitest";
import type { BackendName } from "../../src/index.js";
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
  if (hosts.length > 0) return;
  describe(backend, () => {
    it.skip(`needs ${needs}`, () => {});
  });
}
