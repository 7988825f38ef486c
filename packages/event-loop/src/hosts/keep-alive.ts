/** Keeps the process running until it is cleared: sockets that nobody asks about have no watch that would. */
export function keepAlive(): NodeJS.Timeout {
  return setInterval(() => {}, 0x7fffffff);
}
