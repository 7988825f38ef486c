import type { AbuseCase } from "./abuse-case.js";
import type { Finding } from "./finding.js";
import type { Outcome } from "./run-case.js";
import type { Size } from "./size.js";

/** A case with what became of it. */
export interface Verdict {
  readonly name: string;
  readonly size: number;
  /** How much less of it was done than asked for, and why; null if nothing was left out. */
  readonly scaledDown: string | null;
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
export function judge({ name }: AbuseCase, { size, scaledDown }: Size, ours: Outcome, other: Outcome): Verdict {
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
  return { name, size, scaledDown, passed, failure: ours.failure, otherFailure: other.failure, rows };
}

/** What is said at the end: how many passed and failed, and which did less than asked for. None is ever left out. */
export function summaryOf(verdicts: readonly Verdict[]): string {
  const failed = verdicts.filter(({ passed }) => !passed).length;
  const counts = `${verdicts.length - failed} passed, ${failed} failed, 0 skipped`;
  const less = verdicts.flatMap(({ name, scaledDown }) => (scaledDown === null ? [] : [`${name} to ${scaledDown}`]));
  return less.length === 0 ? counts : `${counts}; scaled down: ${less.join(", ")}`;
}
