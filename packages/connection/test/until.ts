/** How long a test waits for what must come. */
const LIMIT_MS = 20_000;

/** One turn of Node's loop, and so of every event loop beside it. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets whatever can happen now happen. Only for showing that something does not. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** Settles once `condition` holds, looked at every turn. Fails with `what` if it never does. */
export async function until(what: string, condition: () => boolean, limitMs = LIMIT_MS): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`expected ${what}, got none within ${limitMs} ms`);
    await turn();
  }
}
