/** Not now: nothing to receive or accept yet, or no room to send. A value, because it is expected. */
export const WOULD_BLOCK = -1;
