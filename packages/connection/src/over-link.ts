import type { ConnectionProfile } from "./connection-profile.js";
import { MessageConnection } from "./message-connection.js";
import type { Link } from "./transports/transport.js";

/** A connection over a link, which it owns. @param remotePeer who the other side has shown to be, if it had to */
export function connectionOver<P>(
  { stream, localAddress, remoteAddress }: Link,
  profile: ConnectionProfile,
  remotePeer?: P,
): MessageConnection<P> {
  return new MessageConnection<P>(stream, {}, { profile, localAddress, remoteAddress, remotePeer });
}
