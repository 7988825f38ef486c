import { describe } from "vitest";
import { changesContract } from "./changes.js";
import { hangUpContract } from "./hang-ups.js";
import { readinessContract } from "./readiness.js";
import type { Subject } from "./subject.js";

/** What every event loop promises, whichever backend tells it who is ready and whoever drives its turns. */
export function loopContract(subject: Subject): void {
  describe(`${subject.backend}, ${subject.host}`, () => {
    readinessContract(subject);
    hangUpContract(subject);
    changesContract(subject);
  });
}
