import type { MessageConnection } from "@p2pnet/connection";
import type { Timers } from "@p2pnet/event-loop";

/** Milliseconds between two calls. */
const CALL_MS = 10;
const CALL = Uint8Array.of(0);
const LAST_CALL = Uint8Array.of(1);

/**
 * Resolves when all members are in the room; or when one is `lost`, or time is up, for then the test fails anyway. Who has shaken hands does not know yet that the server is done
 * with it, and would not hear what is said before: so the first member calls until all others have heard it, and then once more,
 * so that no call is under way any more.
 */
export async function gather(
  members: readonly MessageConnection<unknown>[],
  timers: Timers,
  timeoutMs: number,
  lost: Promise<unknown>,
): Promise<void> {
  const [caller, ...others] = members;
  if (caller === undefined) return;
  caller.onMessage = () => {};
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
  await Promise.race([allAreIn, lost, tooLate]);
  for (const timer of [deadline, calling]) timer.cancel();
  for (const member of members) member.onMessage = null;
}

function hears(member: MessageConnection<unknown>, call: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    member.onMessage = (message) => {
      if (message[0] === call[0]) resolve();
    };
  });
}
