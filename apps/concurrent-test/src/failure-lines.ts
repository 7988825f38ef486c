import type { ClientFailure } from "./failures.js";
import type { TestResult } from "./result.js";

/** Failures that are told one by one. */
const SHOWN = 10;

/** One line per failed client, up to a few, and one for the rest. */
export function failureLines({ clients, sent, failures }: TestResult): string[] {
  const lines = failures.slice(0, SHOWN).map(failureLine);
  if (failures.length > SHOWN) lines.push(`[FAIL] and ${failures.length - SHOWN} more clients`);
  if (sent === 0) lines.push(`[FAIL] No message was sent: ${failures.length} of ${clients} clients could not connect`);
  return lines;
}

function failureLine({ client, code, message }: ClientFailure): string {
  return `[FAIL] Client ${client}: ${message.includes(code) ? message : `${message} (${code})`}`;
}
