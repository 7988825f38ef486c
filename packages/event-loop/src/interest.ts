/** What one wants to hear about, and what happened: bits that can be combined. */
export const READABLE = 1;
export const WRITABLE = 2;
/** Only ever reported, never asked for. */
export const FAILED = 4;
export const HANGUP = 8;

/** A combination of `READABLE` and `WRITABLE`, or 0 for neither. */
export type Interest = number;

/** A combination of `READABLE`, `WRITABLE`, `FAILED` and `HANGUP`. */
export type Ready = number;
