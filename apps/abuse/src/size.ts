import type { AbuseCase } from "./abuse-case.js";
import { descriptorLimit } from "./process-readings.js";

/** Descriptors that a process needs beside its connections. */
const SPARE = 200;

/** How much of the abuse fits here; `note` names what was left out. */
export function sizeOf({ size, connects }: AbuseCase, quick: boolean, limit: number = descriptorLimit()): Size {
  const wanted = quick ? size.quick : size.full;
  if (!connects || wanted <= limit - SPARE) return { size: wanted, note: "" };
  const fits = limit - SPARE;
  return { size: fits, note: ` (scaled down to ${fits} of ${wanted} connections: ${limit} descriptors are allowed)` };
}

export interface Size {
  readonly size: number;
  readonly note: string;
}
