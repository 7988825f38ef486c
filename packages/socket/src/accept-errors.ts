import type { System } from "@p2pnet/sys";

/** What Linux's accept(2) says to treat as "try again": errors of a connection that died in the queue. */
const DEAD_IN_THE_QUEUE = [
  "ECONNABORTED",
  "EPROTO",
  "ENETDOWN",
  "ENOPROTOOPT",
  "EHOSTDOWN",
  "ENONET",
  "EHOSTUNREACH",
  "EOPNOTSUPP",
  "ENETUNREACH",
] as const;

/** Whether `errno` is about the connection that was waiting, so that the next one may be accepted all the same. */
export function diedInTheQueue({ constants }: System, errno: number): boolean {
  return DEAD_IN_THE_QUEUE.some((name) => constants[name] === errno);
}
