import { afterAll, beforeAll, describe, expect } from "vitest";
import { changesContract } from "./changes.js";
import { fairnessContract } from "./fairness.js";
import { hangUpContract } from "./hang-ups.js";
import { lifecycleContract } from "./lifecycle.js";
import { listenerContract } from "./listeners.js";
import { mailboxContract } from "./mailboxes.js";
import { openHandles } from "./open-handles.js";
import { processContract } from "./process-life.js";
import { readinessContract } from "./readiness.js";
import { resetContract } from "./resets.js";
import { streamContract } from "./streams.js";
import type { Subject } from "./subject.js";
import { throwingContract } from "./throwing.js";
import { timingContract } from "./timing.js";
import { workerContract } from "./workers.js";

/** What every event loop promises, whichever backend tells it who is ready and whoever drives its turns. */
export function loopContract(subject: Subject): void {
  describe(`${subject.backend}, ${subject.host}`, () => {
    describe("in all", () => {
      let opened: number;
      beforeAll(() => {
        opened = openHandles();
      });
      afterAll(async () => {
        // What another thread waits on is closed when it is done with it.
        for (const deadline = performance.now() + 1_000; performance.now() < deadline; ) {
          if (openHandles() <= opened) break;
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(openHandles(), "sockets and epoll sets left open").toBeLessThanOrEqual(opened);
      });

      readinessContract(subject);
      hangUpContract(subject);
      resetContract(subject);
      changesContract(subject);
      throwingContract(subject);
      fairnessContract(subject);
      timingContract(subject);
      lifecycleContract(subject);
      streamContract(subject);
      listenerContract(subject);
      mailboxContract(subject);
    });

    // Processes with several loops are tested beside this contract.
    if (subject.host !== "second") processContract(subject);
    workerContract(subject);
  });
}
