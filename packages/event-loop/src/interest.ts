import { EventLoopError } from "./errors.js";

/** What one wants to hear about, and what happened: bits that can be combined. */
export const READABLE = 1;
export const WRITABLE = 2;
/** Only ever reported, never asked for. */
export const FAILED = 4;
export const HANGUP = 8;
/** Reported beside others by a backend that may tell a failure as mere readiness. */
export const UNCERTAIN = 16;

/** A combination of `READABLE` and `WRITABLE`, or 0 for neither. */
export type Interest = number;

/** A combination of `READABLE`, `WRITABLE`, `FAILED`, `HANGUP` and `UNCERTAIN`. */
export type Ready = number;

/** @throws EventLoopError `ERR_INVALID_ARG_VALUE` */
export function expectInterest(interest: Interest): Interest {
  if (interest === (interest & (READABLE | WRITABLE))) return interest;
  throw new EventLoopError(
    "ERR_INVALID_ARG_VALUE",
    `interest: expected READABLE, WRITABLE, both or 0, got ${interest}`,
  );
}
