/** What moved over a connection so far. */
export interface Traffic {
  /** Bytes that came in, headers included. */
  readonly bytesReceived: number;
  /** Bytes that the system took, headers included. */
  readonly bytesSent: number;
  /** Messages delivered to the consumer. */
  readonly messagesReceived: number;
  /** Messages queued to be sent. */
  readonly messagesSent: number;
  /** Bytes sent that the system has not taken yet. */
  readonly queuedBytes: number;
  /** Times that the queue has reached the high-water mark; once, until it has fallen to the low one. */
  readonly timesSlow: number;
}

/** The counters of a connection. Reading them costs a few property reads; keeping them, an addition for each message. */
export interface ConnectionStats extends Traffic {
  /** Milliseconds since it was made. */
  readonly ageMs: number;
  /** Milliseconds since a byte last moved, in or out; since it was made if none did. */
  readonly idleMs: number;
}

/** Two counts of traffic as one. */
export function sumOfTraffic(a: Traffic, b: Traffic): Traffic {
  return {
    bytesReceived: a.bytesReceived + b.bytesReceived,
    bytesSent: a.bytesSent + b.bytesSent,
    messagesReceived: a.messagesReceived + b.messagesReceived,
    messagesSent: a.messagesSent + b.messagesSent,
    queuedBytes: a.queuedBytes + b.queuedBytes,
    timesSlow: a.timesSlow + b.timesSlow,
  };
}

/** Nothing has moved. */
export const NO_TRAFFIC: Traffic = {
  bytesReceived: 0,
  bytesSent: 0,
  messagesReceived: 0,
  messagesSent: 0,
  queuedBytes: 0,
  timesSlow: 0,
};
