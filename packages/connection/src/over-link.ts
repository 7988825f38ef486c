import type { ConnectionLimits, ConnectionOptions } from "./connection-options.js";
import { MessageConnection } from "./message-connection.js";
import type { Link, Transport } from "./transports/transport.js";

/** A connection over a link, which it owns. @param peer who the other side has shown to be, if it had to */
export function connectionOver<P>(
  { name, timers }: Transport,
  { stream, localAddress, remoteAddress }: Link,
  options: ConnectionOptions,
  limits: ConnectionLimits,
  peer: P | undefined,
  onEnded: (error: Error | undefined) => void = () => {},
): MessageConnection<P> {
  const who = peer === undefined ? {} : { remotePeer: peer };
  const context = { transport: name, timers, localAddress, remoteAddress, onEnded, limits, ...who };
  return new MessageConnection<P>(stream, options, context);
}
