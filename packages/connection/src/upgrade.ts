import type { Timers } from "@p2pnet/event-loop";
import type { ByteStream } from "@p2pnet/stream";
import { unlessAborted } from "./abort.js";
import { ConnectionError, expectOptionalFunction, expectTimeout } from "./errors.js";

/** Who speaks first: who has connected is the initiator, who was connected to the responder. */
export type UpgradeRole = "initiator" | "responder";

export interface UpgradeContext {
  readonly role: UpgradeRole;
  /** Aborted when the result is wanted no more: after the deadline, at the user's own signal, when the server closes. */
  readonly signal: AbortSignal;
}

export interface Upgraded<P> {
  /** Carries the messages from here on; it owns the stream that was given. Not started yet. */
  readonly stream: ByteStream;
  /** Who the peer has shown to be: `connection.remotePeer`. */
  readonly peer: P;
}

/**
 * Makes another stream of a connected one, such as an encrypted one after a handshake. `stream` is not started yet. A
 * rejection gives the peer up: the stream is then closed for it.
 */
export type Upgrade<P> = (stream: ByteStream, context: UpgradeContext) => Promise<Upgraded<P>>;

export interface UpgradeOptions<P> {
  /** What every connection goes through before anyone sees it. Default: nothing, and `remotePeer` is null. */
  readonly upgrade?: Upgrade<P>;
  /** How long `upgrade` may take: `ERR_HANDSHAKE_TIMEOUT`. Default 10,000 milliseconds. */
  readonly handshakeTimeoutMs?: number;
}

/**
 * Checks the options.
 *
 * @throws ConnectionError `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 */
export function handshakeTimeout<P>({ upgrade, handshakeTimeoutMs = 10_000 }: UpgradeOptions<P>): number {
  expectOptionalFunction("upgrade", upgrade);
  return expectTimeout("handshakeTimeoutMs", handshakeTimeoutMs, 1);
}

/**
 * Runs an upgrade within its time. If it fails, `stream` is closed: reset if time or `attempt` was up, for then the peer may
 * be stuck. `attempt` is aborted when the result is wanted no more.
 *
 * @throws what the upgrade rejects with; ConnectionError `ERR_HANDSHAKE_TIMEOUT`; the reason of `attempt`
 */
export async function upgradeWithin<P>(
  timeoutMs: number,
  timers: Timers,
  upgrade: Upgrade<P>,
  stream: ByteStream,
  role: UpgradeRole,
  attempt: AbortController,
): Promise<Upgraded<P>> {
  const { signal } = attempt;
  const deadline = timers.set(timeoutMs, () => {
    const message = `upgrade: expected to be done within ${timeoutMs} ms, got nothing`;
    attempt.abort(new ConnectionError("ERR_HANDSHAKE_TIMEOUT", message));
  });
  // In a function, so that one which throws is one which rejects.
  const upgrading = (async () => upgrade(stream, { role, signal }))();
  try {
    signal.throwIfAborted();
    return await unlessAborted(upgrading, signal);
  } catch (error) {
    if (signal.aborted) stream.abort();
    else stream.close();
    attempt.abort(error);
    upgrading.then((late) => late.stream.abort()).catch(() => {});
    throw error;
  } finally {
    deadline.cancel();
  }
}
