/** The moment of a deadline that does not run. */
export const NEVER: number = Number.POSITIVE_INFINITY;
