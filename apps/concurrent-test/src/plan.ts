import type { TestArguments } from "./arguments.js";
import type { Measurements } from "./measurements.js";
import type { Progress } from "./progress.js";
import { expectedMessages } from "./result.js";

/** What the test is about to do: `Clients: 10, messages each: 5, backend: epoll`. */
export function describePlan(options: TestArguments, backend: string): string {
  const { mode, clients, messages, duration, rate, ramp } = options;
  const parts = [
    `Clients: ${clients}`,
    duration === undefined ? `messages each: ${messages}` : `seconds: ${duration}`,
    ...(rate === undefined ? [] : [`messages per second: ${rate}`]),
    ...(ramp === 0 ? [] : [`coming within: ${ramp} s`]),
    ...(mode === "echo" ? [] : [`mode: ${mode}`]),
    `backend: ${backend}`,
    ...(options.secure === true ? ["encrypted"] : []),
  ];
  return parts.join(", ");
}

/** How far it is: in messages, or where their number is not known before, in seconds from now on. */
export function progressOf(options: TestArguments, measurements: Measurements): Progress {
  const total = expectedMessages(options);
  if (total !== null) return { unit: "messages", total, value: () => measurements.received };
  const begin = performance.now();
  const duration = options.duration ?? 0;
  const elapsed = (): number => Math.floor((performance.now() - begin) / 1000);
  return { unit: "seconds", total: duration, value: () => Math.min(duration, elapsed()) };
}
