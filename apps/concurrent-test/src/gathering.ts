import type { MessageConnection } from "@p2pnet/connection";
import type { Timers } from "@p2pnet/event-loop";

/** Milliseconds between two calls. */
const CALL_MS = 10;
const CALL = Uint8Array.of(0);
const LAST_CALL = Uint8Array.of(1);

/**
 * Resolves when all members are in the room; or when one is `lost`, or time is up, or the caller hears itself, for then the
 * test fails anyway. Who is connected does not know yet that the server has accepted it and is done with a handshake, and would
 * not hear what is said before: so one member calls until all others have heard it, and then once more, so that no call is
 * under way any more.
 */
export async function gather(
  members: readonly MessageConnection<unknown>[],
  timers: Timers,
  timeoutMs: number,
  lost: Promise<unknown>,
): Promise<void> {
  const [caller, ...others] = members;
  if (caller === undefined) return;
  const calling = timers.set(0, () => {
    if (!caller.open) return;
    caller.send(CALL);
    calling.refresh(CALL_MS);
  });
  const allHaveHeard = Promise.all(others.map((member) => hears(member, CALL)));
  const allAreIn = allHaveHeard.then(() => {
    calling.cancel();
    const last = others.map((member) => hears(member, LAST_CALL));
    if (caller.open) caller.send(LAST_CALL);
    return Promise.all(last);
  });
  let stopWaiting = (): void => {};
  const deadline = timers.set(timeoutMs, () => stopWaiting());
  const tooLate = new Promise<void>((resolve) => {
    stopWaiting = resolve;
  });
  caller.onMessage = () => stopWaiting();
  await Promise.race([allAreIn, lost, tooLate]);
  for (const timer of [deadline, calling]) timer.cancel();
  for (const member of members) member.onMessage = null;
}

/** Not a message of the test: no payload begins with such a byte. */
export function isCall(message: Uint8Array): boolean {
  return message.length === 1 && message[0]! <= LAST_CALL[0]!;
}

function hears(member: MessageConnection<unknown>, call: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    member.onMessage = (message) => {
      if (message[0] === call[0]) resolve();
    };
  });
}
