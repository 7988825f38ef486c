/**
 * Tasks under way at once. Systems keep few connections for a server that has not accepted them yet (200 on Windows, 128 on
 * macOS), and refuse the next.
 */
export const AT_ONCE = 100;

/** Runs the tasks 1 to `count`, up to `AT_ONCE` of them together, and gives their outcomes in the order of their numbers. */
export async function settleInOrder<T>(
  count: number,
  task: (number: number) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> {
  const outcomes: PromiseSettledResult<T>[] = [];
  let started = 0;
  const takeTurns = async (): Promise<void> => {
    while (started < count) {
      const index = started++;
      const [outcome] = await Promise.allSettled([task(index + 1)]);
      outcomes[index] = outcome;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, takeTurns));
  return outcomes;
}
