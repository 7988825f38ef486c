import type { Timers } from "@p2pnet/event-loop";
import type { ByteStream } from "@p2pnet/stream";
import { ConnectionError } from "./errors.js";
import { type Upgrade, type Upgraded, upgradeWithin } from "./upgrade.js";

/** The handshakes that are under way on a server. */
export class Handshakes<P> {
  /** Those that have failed so far, before the server was closed. */
  failed = 0;
  readonly #upgrade: Upgrade<P>;
  readonly #timeoutMs: number;
  readonly #timers: Timers;
  readonly #pending = new Set<AbortController>();
  #closed = false;

  constructor(upgrade: Upgrade<P>, timeoutMs: number, timers: Timers) {
    this.#upgrade = upgrade;
    this.#timeoutMs = timeoutMs;
    this.#timers = timers;
  }

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Runs one, and releases the stream if it fails. Null when the server was closed meanwhile.
   *
   * @throws what the upgrade rejects with, ConnectionError `ERR_HANDSHAKE_TIMEOUT`
   */
  async run(stream: ByteStream): Promise<Upgraded<P> | null> {
    const attempt = new AbortController();
    this.#pending.add(attempt);
    try {
      const done = await upgradeWithin(this.#timeoutMs, this.#timers, this.#upgrade, stream, "responder", attempt);
      if (!this.#closed) return done;
      done.stream.abort();
      return null;
    } catch (error) {
      if (this.#closed) return null;
      this.failed++;
      throw error;
    } finally {
      this.#pending.delete(attempt);
    }
  }

  /** Gives up those under way, and all that come. */
  close(): void {
    this.#closed = true;
    const reason = new ConnectionError("ERR_CONNECTION_CLOSED", "server: expected to go on, got close()");
    for (const attempt of this.#pending) attempt.abort(reason);
  }
}
