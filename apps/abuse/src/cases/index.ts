import type { AbuseCase } from "../abuse-case.js";
import { abortAtEveryAwait } from "./abort-at-every-await.js";
import { chatStuckMembers } from "./chat-stuck-members.js";
import { closeWithUnreadInput } from "./close-with-unread-input.js";
import { connectAndVanish } from "./connect-and-vanish.js";
import { cutPointsByFin, cutPointsByRst } from "./cut-points.js";
import { descriptorExhaustion } from "./descriptor-exhaustion.js";
import { endingInCallbacks } from "./ending-in-callbacks.js";
import { flood, floodOfTiny } from "./flood.js";
import { garbageBytes } from "./garbage-bytes.js";
import { halfClosedReading, halfClosedSilent } from "./half-closed-peers.js";
import { halfOpenPeers } from "./half-open-peers.js";
import { idleConnections } from "./idle-connections.js";
import { neverReads, neverReadsBackpressure } from "./never-reads.js";
import { oneByteAtATime } from "./one-byte-at-a-time.js";
import { pausedPeersReset } from "./paused-peers-reset.js";
import { promisedHeaders } from "./promised-headers.js";
import { resetStages } from "./rst-at-every-stage.js";
import { throwingCallbacks, throwingHandlers } from "./throwing-handlers.js";
import { tinyFramesThenReset } from "./tiny-frames-then-reset.js";

export const CASES: readonly AbuseCase[] = [
  cutPointsByFin,
  cutPointsByRst,
  oneByteAtATime,
  pausedPeersReset,
  closeWithUnreadInput,
  promisedHeaders,
  neverReads,
  neverReadsBackpressure,
  ...resetStages,
  halfOpenPeers,
  halfClosedSilent,
  halfClosedReading,
  connectAndVanish,
  idleConnections,
  flood,
  floodOfTiny,
  tinyFramesThenReset,
  chatStuckMembers,
  descriptorExhaustion,
  throwingHandlers,
  throwingCallbacks,
  endingInCallbacks,
  abortAtEveryAwait,
  garbageBytes,
];
