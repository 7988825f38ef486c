import { replaceCalls } from "./faults.js";

const open = new Set<number>();

function opened(handle: number): number {
  if (handle >= 0) open.add(handle);
  return handle;
}

replaceCalls((real) => ({
  socket(domain, type, protocol) {
    const handle = real.socket(domain, type, protocol);
    // A loop may have a datagram socket of its own.
    return type === real.constants.SOCK_STREAM ? opened(handle) : handle;
  },
  accept: (handle) => opened(real.accept(handle)),
  close(handle) {
    open.delete(handle);
    return real.close(handle);
  },
}));

/** How many stream sockets this process has opened through `@p2pnet/socket` and not closed. */
export function openSockets(): number {
  return open.size;
}
