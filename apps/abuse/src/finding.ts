/** One figure with its bound. */
export interface Finding {
  readonly what: string;
  readonly bound: string;
  readonly measured: string;
  readonly holds: boolean;
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

/** Two figures of one kind, each with its limit. */
export function bothAtMost(what: string, unit: string, limits: Pair, measured: Pair): Finding {
  const show = ([a, b]: Pair): string => `${number(a)} / ${number(b)} ${unit}`;
  return {
    what,
    bound: `≤ ${show(limits)}`,
    measured: show(measured),
    holds: measured[0] <= limits[0] && measured[1] <= limits[1],
  };
}

type Pair = readonly [number, number];

function withUnit(value: number, unit: string): string {
  return unit === "" ? number(value) : `${number(value)} ${unit}`;
}

const COUNT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return COUNT.format(value);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
