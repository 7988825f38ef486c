import { onTestFinished } from "vitest";

/** Gives what it is given, and closes all of it when the test has finished. */
export function closedAfterwards<T extends readonly { close(): void }[]>(opened: T): T {
  onTestFinished(() => {
    for (const one of opened) one.close();
  });
  return opened;
}
