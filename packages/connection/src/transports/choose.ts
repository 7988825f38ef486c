import { defaultLoop, type EventLoop } from "@p2pnet/event-loop";
import { Socket } from "@p2pnet/socket";
import { ConnectionError, expectOneOf } from "../errors.js";
import { nativeTransport } from "./native.js";
import { nodeTransport } from "./node.js";
import type { Transport, TransportName } from "./transport.js";

export interface TransportOptions {
  /**
   * native: sockets of the system, on an event loop. node: `node:net`, without native code. auto: native, or node where the
   * FFI library cannot be loaded. Default native.
   */
  readonly transport?: TransportName | "auto";
  /** The event loop of transport native. Default: the thread's default loop. */
  readonly loop?: EventLoop;
}

/**
 * Checks the options.
 *
 * @throws ConnectionError `ERR_INVALID_ARG_VALUE` for an unknown transport, or a loop that would not be used
 */
export function expectTransport({ transport = "native", loop }: TransportOptions): void {
  expectOneOf("transport", transport, ["native", "node", "auto"]);
  if (transport !== "node" || loop === undefined) return;
  throw new ConnectionError("ERR_INVALID_ARG_VALUE", "loop: expected none with transport node, got an event loop");
}

/** @throws FfiUnavailableError with `native` where the FFI library cannot be loaded; EventLoopError as `new EventLoop` */
export function chooseTransport({ transport = "native", loop }: TransportOptions): Transport {
  if (transport === "node") return nodeTransport;
  if (transport === "auto" && loop === undefined && !hasNativeSockets()) return nodeTransport;
  return nativeTransport(loop ?? defaultLoop());
}

let found: boolean | null = null;

function hasNativeSockets(): boolean {
  found ??= opensNativeSocket();
  return found;
}

/** @throws whatever is wrong beside the FFI library */
function opensNativeSocket(): boolean {
  try {
    defaultLoop();
    Socket.open("tcp").close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_FFI_UNAVAILABLE") return false;
    throw error;
  }
}
