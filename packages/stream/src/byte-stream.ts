/** What a stream tells its user. A stream calls these from its own turn, never from inside a call made on it. */
export interface ByteStreamHandlers {
  /**
   * Bytes arrived. `chunk` is memory of the stream and valid during the call only: copy what must last.
   * Never empty.
   */
  onData(chunk: Uint8Array): void;
  /** The peer has finished sending. Writing is still possible. Called at most once. */
  onEnd(): void;
  /** The system took bytes: `bufferedBytes` has shrunk. Zero means that everything written has been handed over. */
  onDrain(): void;
  /** The stream failed and has released what it held. Called at most once, and nothing follows it. */
  onError(error: Error): void;
}

/**
 * The seam between whatever moves bytes (a socket on an event loop, `node:net`, memory) and whatever gives them meaning
 * (messages, encryption). Ordered and reliable, with a write queue that the stream itself never bounds: who writes
 * watches `bufferedBytes`.
 */
export interface ByteStream {
  /** Bytes that were written and that the system has not taken yet. */
  readonly bufferedBytes: number;

  /** Bytes that the system has taken since the start. Whoever judges a slow peer by its progress reads this. */
  readonly bytesWritten: number;

  /** Whether writes of any length are copied before they return, and not only those up to {@link COPIED_WRITE_BYTES}. */
  readonly copiesAll?: boolean;

  /** Attaches the handlers, once. A stream starts paused: call `resume()` to read. */
  start(handlers: ByteStreamHandlers): void;

  /**
   * Queues `bytes` to be sent in order.
   * Up to {@link COPIED_WRITE_BYTES} bytes are copied before this returns; longer ones are borrowed and must not change
   * until they are taken: until `bytesWritten` has passed them, or `bufferedBytes` is 0. Ignored after `end()`, `close()`, `abort()` or a failure.
   */
  write(bytes: Uint8Array): void;

  /**
   * As `write(head)`, and then `write` of `bytes` from `start` to before `end`: in one call, and without an object for the slice.
   * Not every stream has it.
   */
  writeJoined?(head: Uint8Array, bytes: Uint8Array, start: number, end: number): void;

  /**
   * Offers what waits to the system once more: `bytesWritten` tells at once what it has taken. A system may have room for long
   * before it says so (Linux: until a third of its buffer is free), and a judge of slow peers must not wait for that. Streams
   * that hear of room in time, or cannot ask, do not have it; one over another stream passes it on.
   */
  offer?(): void;

  /** Stops reading. The peer is slowed by the system's own flow control; its end or reset may go unnoticed meanwhile. */
  pause(): void;

  /** Reads (again). */
  resume(): void;

  /** Flushes what was written, then tells the peer that nothing follows. Reading goes on. */
  end(): void;

  /**
   * Releases everything now, without a word to the handlers. Bytes that the system took are still sent, those in
   * `bufferedBytes` are dropped. Closing with unread input may reset the peer: `end()` and read to the end first.
   */
  close(): void;

  /** Resets: the peer gets an error, unsent bytes are dropped. Nothing is called afterwards. */
  abort(): void;
}

/** Writes of up to this many bytes are copied by every stream before `write` returns. */
export const COPIED_WRITE_BYTES = 16_384;
