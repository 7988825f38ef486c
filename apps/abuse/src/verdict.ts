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
    const same = other.findings.find(({ what }) => what === finding.what);
    return { ...finding, other: same === undefined ? null : { measured: same.measured, holds: same.holds } };
  });
  const known = new Set(ours.findings.map(({ what }) => what));
  const onlyOthers = other.findings.filter(({ what }) => !known.has(what));
  rows.push(
    ...onlyOthers.map((finding): Row => {
      const { what, bound, measured, holds } = finding;
      return { what, bound, measured: bound, holds: true, other: { measured, holds } };
    }),
  );
  const passed = ours.failure === null && ours.findings.every(({ holds }) => holds);
  return { name, size, passed, failure: ours.failure, otherFailure: other.failure, rows };
}
