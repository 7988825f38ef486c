/** One figure with its bound. */
export interface Finding {
  readonly what: string;
  readonly bound: string;
  readonly measured: string;
  readonly holds: boolean;
  /** `node:net` has no such figure. */
  readonly oursOnly?: boolean;
}

/** A figure that must not be greater. */
export function atMost(what: string, limit: number, measured: number, unit: string = ""): Finding {
  return {
    what,
    bound: `≤ ${withUnit(limit, unit)}`,
    measured: withUnit(measured, unit),
    holds: measured <= limit,
  };
}

/** A figure that must not be less. */
export function atLeast(what: string, limit: number, measured: number, unit: string = ""): Finding {
  return {
    what,
    bound: `≥ ${withUnit(limit, unit)}`,
    measured: withUnit(measured, unit),
    holds: measured >= limit,
  };
}

/** A count that must be this one. */
export function exactly(what: string, expected: number, measured: number): Finding {
  return { what, bound: withUnit(expected, ""), measured: withUnit(measured, ""), holds: measured === expected };
}

/** Connections that were ended with an error code, which the server by hand has none of. */
export function endedWith(code: string, expected: number, ends: Readonly<Record<string, number>>): Finding {
  return { ...exactly(`ended with ${code}`, expected, ends[code] ?? 0), oursOnly: true };
}

/** Two figures of one kind, each with its limit. The first may be missing. */
export function bothAtMost(what: string, unit: string, limits: Pair, [first, second]: PartialPair): Finding {
  const show = ([a, b]: PartialPair): string => `${a === null ? "–" : number(a)} / ${number(b)} ${unit}`;
  return {
    what,
    bound: `≤ ${show(limits)}`,
    measured: show([first, second]),
    holds: (first ?? 0) <= limits[0] && second <= limits[1],
  };
}

type Pair = readonly [number, number];
type PartialPair = readonly [number | null, number];

function withUnit(value: number, unit: string): string {
  if (value === Number.POSITIVE_INFINITY) return "never";
  return unit === "" ? number(value) : `${number(value)} ${unit}`;
}

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return COUNT.format(value);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
