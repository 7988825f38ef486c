const real = { setTimeout, clearTimeout };

interface FakeTimer {
  readonly due: number;
  readonly call: () => void;
}

let now = 0;
/** In the order they were set. */
const timers = new Set<FakeTimer>();

/** Puts a `setTimeout` in place whose time passes with `advanceTimers` only. No other timer can be faked here. */
export function useFakeTimers(options: { toFake: readonly string[] }): void {
  if (options.toFake.some((name) => name !== "setTimeout"))
    throw new Error(`fake timers: expected setTimeout alone, got ${options.toFake}`);
  now = 0;
  timers.clear();
  const fake = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): FakeTimer => {
    const timer = { due: now + ms, call: () => callback(...args) };
    timers.add(timer);
    return timer;
  };
  const clear = (timer: FakeTimer): void => void timers.delete(timer);
  Object.assign(globalThis, { setTimeout: fake, clearTimeout: clear });
}

export function useRealTimers(): void {
  Object.assign(globalThis, real);
}

/** Lets `ms` milliseconds pass: calls each timer in its turn, and has promises run between them. */
export async function advanceTimers(ms: number): Promise<void> {
  const end = now + ms;
  for (;;) {
    await settled();
    const next = [...timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
    if (next === undefined) break;
    now = Math.max(now, next.due);
    timers.delete(next);
    next.call();
  }
  now = end;
}

function settled(): Promise<void> {
  return new Promise((resolve) => void real.setTimeout(resolve, 0));
}
