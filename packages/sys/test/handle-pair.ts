import { type System, system } from "../src/index.js";

/** Two connected TCP sockets, by their handles. */
export interface HandlePair {
  readonly left: number;
  readonly right: number;
  close(): void;
}

/** A number that a call gave, unless it failed. */
export function succeeded(call: string, result: number): number {
  if (result >= 0) return result;
  throw new Error(`${call}: expected it to succeed, got ${result}`);
}

/** A listening socket on a free port of the loopback interface, and the bytes of its address. */
export function listening(backlog = 16, sys: System = system()): { handle: number; address: Uint8Array } {
  const { AF_INET, SOCK_STREAM } = sys.constants;
  const handle = succeeded("socket", sys.socket(AF_INET, SOCK_STREAM, 0));
  succeeded("bind", sys.bind(handle, sys.addresses.encode({ family: 4, address: "127.0.0.1", port: 0 })));
  succeeded("listen", sys.listen(handle, backlog));
  return { handle, address: addressOf(handle, sys) };
}

/** Where a socket is bound. */
export function addressOf(handle: number, sys: System = system()): Uint8Array {
  const into = new Uint8Array(sys.addresses.maxSize);
  return into.subarray(0, succeeded("getsockname", sys.localAddress(handle, into)));
}

/** Both block. */
export function connectedPair(sys: System = system()): HandlePair {
  const { AF_INET, SOCK_STREAM } = sys.constants;
  const listener = listening(16, sys);
  const left = succeeded("socket", sys.socket(AF_INET, SOCK_STREAM, 0));
  sys.setNonBlocking(left, false);
  succeeded("connect", sys.connect(left, listener.address));
  sys.setNonBlocking(listener.handle, false);
  const right = succeeded("accept", sys.accept(listener.handle));
  sys.setNonBlocking(right, false);
  sys.close(listener.handle);
  return {
    left,
    right,
    close: () => {
      sys.close(left);
      sys.close(right);
    },
  };
}
