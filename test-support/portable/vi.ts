import { restoreAllMocks, spyOn } from "@vitest/spy";
import { advanceTimers, useFakeTimers, useRealTimers } from "./fake-timers.js";

const environment = new Map<string, string | undefined>();
const globals = new Map<string, PropertyDescriptor | undefined>();

/** What of vitest's `vi` the tests may use. Replacing modules is not among it: that takes vitest's own module loader. */
export const vi = {
  spyOn,
  restoreAllMocks,

  /** Sets a variable, or removes it with `undefined`. */
  stubEnv(name: string, value: string | undefined): void {
    if (!environment.has(name)) environment.set(name, process.env[name]);
    setVariable(name, value);
  },
  unstubAllEnvs(): void {
    for (const [name, value] of environment) setVariable(name, value);
    environment.clear();
  },

  stubGlobal(name: string, value: unknown): void {
    if (!globals.has(name)) globals.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  },
  unstubAllGlobals(): void {
    for (const [name, descriptor] of globals) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
    globals.clear();
  },

  /** Calls again and again until it does not throw; after `timeout` milliseconds, what it threw last is thrown. */
  async waitFor<T>(callback: () => T, options: { timeout?: number; interval?: number } = {}): Promise<Awaited<T>> {
    const { timeout = 1_000, interval = 50 } = options;
    const deadline = performance.now() + timeout;
    for (;;) {
      try {
        return await callback();
      } catch (error) {
        if (performance.now() >= deadline) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  },

  useFakeTimers,
  useRealTimers,
  advanceTimersByTimeAsync: advanceTimers,
} as const;

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
