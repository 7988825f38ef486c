import { type Channel, channel } from "node:diagnostics_channel";

const open: Channel<unknown, unknown> = channel("p2pnet:connection:open");
const close: Channel<unknown, unknown> = channel("p2pnet:connection:close");
const error: Channel<unknown, unknown> = channel("p2pnet:connection:error");
const slow: Channel<unknown, unknown> = channel("p2pnet:connection:slow");

/** `p2pnet:connection:open`, `{ connection }`: one can be used. */
export function publishOpen(connection: object): void {
  if (open.hasSubscribers) open.publish({ connection });
}

/** `p2pnet:connection:slow`, `{ connection, queuedBytes }`: its queue has reached the high-water mark. */
export function publishSlow(connection: object, queuedBytes: number): void {
  if (slow.hasSubscribers) slow.publish({ connection, queuedBytes });
}

/**
 * `p2pnet:connection:error`, `{ connection, error }`, if there is an error; then `p2pnet:connection:close`,
 * `{ connection, error }`: one has ended.
 */
export function publishClose(connection: object, reason: Error | undefined): void {
  if (reason !== undefined && error.hasSubscribers) error.publish({ connection, error: reason });
  if (close.hasSubscribers) close.publish({ connection, error: reason });
}
