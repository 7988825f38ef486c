import fc from "fast-check";
import type { ConnectionOptions } from "../../src/index.js";

/** What one end does, or what happens to both. A burst is of messages of 1 byte, more than one turn may deliver. A step that means nothing to its end does nothing. */
export type Step =
  | { readonly do: SidedAction; readonly side: 0 | 1 }
  | { readonly do: "send" | "part"; readonly side: 0 | 1; readonly size: number }
  | { readonly do: "burst"; readonly side: 0 | 1; readonly count: number }
  | { readonly do: "turn" }
  | { readonly do: "microtasks"; readonly count: number }
  | { readonly do: "pass"; readonly ms: number };

/** What an end does without saying more. */
export type Action = "pause" | "resume" | "end" | "close" | "abort";
export type SidedAction = Action | "pull" | "leave" | "detach" | "attach" | "drained";

/** What it does from inside of `onMessage`; "send" answers. */
type Reaction = Action | "send";

/** What a connection and its user are like. */
export interface Habits {
  readonly consumer: "handler" | "iteration";
  readonly options: ConnectionOptions;
  /** What it does from inside of `onMessage`, at which message. */
  readonly reactions: readonly { readonly at: number; readonly do: Reaction }[];
}

/** How a life is brought to its end: see `Life`. */
export type Finale = "both end" | "one closes" | "one aborts" | "one vanishes" | "time passes";

/** All passes of a life together stay below the shortest deadline, that of draining. */
const MAX_STEPS = 60;
const MAX_PASS_MS = 50;

const side = fc.constantFrom(0 as const, 1 as const);
/** Mostly so short that many come in one chunk. */
const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 300 }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant("send" as const), side, size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("part" as const), side, size }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("burst" as const), side, count: fc.integer({ min: 5, max: 30 }) }),
  },
  { weight: 5, arbitrary: sided("pull") },
  { weight: 8, arbitrary: sided("pause", "resume", "drained") },
  { weight: 4, arbitrary: sided("detach", "attach") },
  { weight: 3, arbitrary: sided("end", "close", "abort", "leave") },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("microtasks" as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: MAX_PASS_MS }) }),
  },
);

function sided(...actions: SidedAction[]): fc.Arbitrary<Step> {
  return fc.record({ do: fc.constantFrom(...actions), side });
}

export const steps: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: MAX_STEPS, size: "max" });

const MAX_REACTIONS_AT = 12;
const REACTIONS = ["send", "pause", "pause", "pause", "resume", "end", "close", "abort"] as const;

const someReactions: fc.Arbitrary<Habits["reactions"]> = fc.array(
  fc.record({ at: fc.integer({ min: 1, max: MAX_REACTIONS_AT }), do: fc.constantFrom<Reaction[]>(...REACTIONS) }),
  { maxLength: 3 },
);
/** Those of an echo, but with an end: both ends may be one. */
const answers: Habits["reactions"] = Array.from({ length: 5 * MAX_REACTIONS_AT }, (_, i) => ({
  at: i + 1,
  do: "send",
}));

export const habits: fc.Arbitrary<Habits> = fc.record({
  consumer: fc.constantFrom("handler" as const, "iteration" as const),
  options: fc.record({
    borrow: fc.boolean(),
    allowHalfOpen: fc.boolean(),
    maxFramesPerTurn: fc.constantFrom(1, 2, 5, 1_000),
    maxQueuedBytes: fc.constantFrom(1_000, 1_000_000),
  }),
  reactions: fc.oneof({ weight: 2, arbitrary: someReactions }, { weight: 1, arbitrary: fc.constant(answers) }),
});

export const finale: fc.Arbitrary<Finale> = fc.constantFrom(
  "both end",
  "one closes",
  "one aborts",
  "one vanishes",
  "time passes",
);
