import type { ClientFailure } from "./failures.js";
import type { Payloads, RecognizePayload } from "./payloads.js";
import type { SendingPlan } from "./sending.js";

/** What every client of a test does. Times are in milliseconds. */
export interface ClientPlan extends SendingPlan {
  readonly timeout: number;
  readonly payloads: Payloads;
  readonly recognize: RecognizePayload;
}

/** A connected client, of whatever test. */
export interface TestClient {
  /** Resolves when the client has left: null, or why it failed. */
  readonly left: Promise<ClientFailure | null>;
  /** Sends its messages: the first is due at `firstAt`, none from `endsAt` on, both times of `performance.now()`. */
  start(firstAt: number, endsAt: number): void;
  /** Gives up, without a failure of its own. */
  abort(): void;
}
