/** The peer that all others are divided by, where a case does not say otherwise. */
export const BASELINE = "c-epoll";
