import type { AbuseCase } from "./abuse-case.js";
import type { Finding } from "./finding.js";
import type { Outcome } from "./run-case.js";

/** A case with what became of it. */
export interface Verdict {
  readonly name: string;
  readonly size: number;
  readonly passed: boolean;
  /** Why the case could not be carried through on ours, or null. */
  readonly failure: string | null;
  /** The same on `node:net`. */
  readonly otherFailure: string | null;
  readonly rows: readonly Row[];
}

/** One figure of ours beside the same of `node:net`, which is null where it has none. */
export interface Row extends Finding {
  readonly other: { readonly measured: string; readonly holds: boolean } | null;
}

/** Only what ours does decides. */
export function judge({ name }: AbuseCase, size: number, ours: Outcome, other: Outcome): Verdict {
  const rows = ours.findings.map((finding): Row => {
    const same = finding.oursOnly ? undefined : other.findings.find(({ what }) => what === finding.what);
    return { ...finding, other: same === undefined ? null : { measured: same.measured, holds: same.holds } };
  });
  // A fault that only the other one has is named, too.
  for (const finding of other.findings.filter(({ what }) => !ours.findings.some((one) => one.what === what))) {
    const { what, bound, measured, holds } = finding;
    rows.push({ what, bound, measured: "–", holds: true, other: { measured, holds } });
  }
  const passed = ours.failure === null && ours.findings.every(({ holds }) => holds);
  return { name, size, passed, failure: ours.failure, otherFailure: other.failure, rows };
}
