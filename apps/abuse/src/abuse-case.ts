import type { Stage } from "./stage.js";
import type { SubjectSetup } from "./subject/setup.js";

/** What the abuse may cost the server and those beside it. */
export interface Bounds {
  /** Growth of resident memory at its peak, in MiB. */
  readonly memoryMiB: number;
  /** CPU time of the server from the first byte of the abuse to the last, in seconds. */
  readonly cpuSeconds: number;
  /** Round trips of the client that does nothing wrong, in milliseconds, on a machine that does nothing else. */
  readonly pingP99Ms: number;
  readonly pingWorstMs: number;
}

/** What hostile or unlucky peers do, and what a server must make of it. */
export interface AbuseCase {
  /** What a reader would search for. */
  readonly name: string;
  /** One sentence: what is done. */
  readonly abuse: string;
  /** How much of it: connections, bytes or seconds, as the sentence says. */
  readonly size: { readonly full: number; readonly quick: number };
  /** Its size is connections that stand at the same time, so that it has to fit the limit of descriptors. */
  readonly connects?: boolean;
  readonly server: Partial<Omit<SubjectSetup, "kind">>;
  /** Lowers the limit of the server's descriptors. */
  readonly descriptors?: number;
  /** Exceptions leave the handlers on purpose. */
  readonly throws?: boolean;
  readonly bounds: (size: number) => Bounds;
  readonly run: (stage: Stage) => Promise<void>;
}

/** The bounds of a case that is to cost next to nothing, changed where it must be. */
export function bounds(changed: Partial<Bounds> = {}): Bounds {
  return { memoryMiB: 32, cpuSeconds: 1, pingP99Ms: 50, pingWorstMs: 500, ...changed };
}
