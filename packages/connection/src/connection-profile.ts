import type { Timers } from "@p2pnet/event-loop";
import { FrameEncoder } from "@p2pnet/framing";
import { type ConnectionLimits, type ConnectionOptions, connectionLimits } from "./connection-options.js";
import { DecoderPool } from "./decoder-pool.js";
import { keepingTimers, passingTimers } from "./transports/node-timers.js";
import type { TransportName } from "./transports/transport.js";

/** Where connections live. */
export interface ConnectionHome {
  /** Where their deadlines run. Default: Node's, where only that of `close` keeps the process running by itself. */
  readonly timers?: Timers;
  readonly transport?: TransportName | null;
  /** For whoever keeps a list of connections: called at the end of one, before its `onClose`. */
  onEnded?(error: Error | undefined, connection: object): void;
}

/** What connections with the same options share, those of a server above all: an idle one has next to nothing of its own. */
export class ConnectionProfile {
  readonly transport: TransportName | null;
  readonly onEnded: ((error: Error | undefined, connection: object) => void) | undefined;
  /** Where what must come about runs: turns, and the deadline of `close`. */
  readonly timers: Timers;
  /** Where the other deadlines run. */
  readonly deadlineTimers: Timers;
  readonly limits: ConnectionLimits;
  readonly borrow: boolean;
  readonly allowHalfOpen: boolean;
  readonly encoder: FrameEncoder;
  /** Where headers are written, one after the other: a stream copies a write this short before it returns. */
  readonly #headerBytes: Uint8Array;
  /** The last one, and the length that it tells. */
  #header: Uint8Array;
  #headerTells = -1;
  readonly decoders: DecoderPool;

  /** @throws ConnectionError, FrameError as `connectionLimits` */
  constructor(options: ConnectionOptions, { timers, transport = null, onEnded }: ConnectionHome) {
    const { borrow = false, allowHalfOpen = false, frame } = options;
    this.transport = transport;
    this.onEnded = onEnded;
    this.timers = timers ?? keepingTimers;
    this.deadlineTimers = timers ?? passingTimers;
    this.limits = connectionLimits(options);
    this.borrow = borrow;
    this.allowHalfOpen = allowHalfOpen;
    this.encoder = new FrameEncoder(frame);
    this.#headerBytes = new Uint8Array(this.encoder.headerLength(this.limits.maxMessageLength));
    this.#header = this.#headerBytes;
    this.decoders = new DecoderPool({ ...frame, copy: !borrow });
  }

  /**
   * The header of a message of `length` bytes, right until the next call. Messages of one length follow each other often: it is
   * written when the length is another.
   *
   * @throws FrameError `ERR_FRAME_TOO_LARGE`, `ERR_FRAME_EMPTY`
   */
  headerOf(length: number): Uint8Array {
    if (length === this.#headerTells) return this.#header;
    const bytes = this.#headerBytes;
    const end = this.encoder.writeHeader(bytes, 0, length);
    this.#header = end === bytes.length ? bytes : bytes.subarray(0, end);
    this.#headerTells = length;
    return this.#header;
  }
}
