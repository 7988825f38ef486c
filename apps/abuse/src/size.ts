import type { AbuseCase } from "./abuse-case.js";
import { descriptorLimit } from "./process-readings.js";

/** Descriptors that a process needs beside its connections. */
const SPARE = 200;

/** How much of the abuse fits here. */
export function sizeOf({ size, connects }: AbuseCase, quick: boolean, limit: number = descriptorLimit()): Size {
  const wanted = quick ? size.quick : size.full;
  if (!connects || wanted <= limit - SPARE) return { size: wanted, scaledDown: null };
  const fits = limit - SPARE;
  return { size: fits, scaledDown: `${fits} of ${wanted} connections (${limit} descriptors are allowed)` };
}

export interface Size {
  readonly size: number;
  /** How much less than asked for, and why; null if all of it fits. */
  readonly scaledDown: string | null;
}
