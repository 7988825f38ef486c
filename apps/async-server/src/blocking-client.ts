import { setImmediate } from "node:timers/promises";
import { ConnectionError, receiveMessage } from "@p2pnet/connection";
import { encodeFrame } from "@p2pnet/framing";
import { type Socket, WOULD_BLOCK } from "@p2pnet/socket";

/** Milliseconds that a system call may hold the thread: Node handles no signal meanwhile. */
export const SLICE_MS = 100;
/** Milliseconds that a client gets to take its last bytes and to leave, once the server is to stop. */
const DRAIN_MS = 5_000;
const DISCARDED_BYTES = 65_536;

/** Lets Node do its own work: signals, timers, output. */
export async function nodeTurn(): Promise<void> {
  await setImmediate();
}

/** One client of the blocking server. Whatever it waits for, Node gets its turn every `SLICE_MS`. */
export class BlockingClient {
  readonly #socket: Socket;
  readonly #idleTimeoutMs: number;
  readonly #stop: AbortSignal;
  #progressAt = performance.now();
  #turnAt = performance.now();
  #drainDeadline = Number.POSITIVE_INFINITY;

  /** @param idleTimeoutMs milliseconds without a byte in or out; 0: no bound */
  constructor(socket: Socket, idleTimeoutMs: number, stop: AbortSignal) {
    this.#socket = socket;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#stop = stop;
    const slice = idleTimeoutMs === 0 ? SLICE_MS : Math.min(SLICE_MS, idleTimeoutMs);
    socket.setNonBlocking(false);
    socket.options.noDelay = true;
    socket.options.receiveTimeoutMs = slice;
    socket.options.sendTimeoutMs = slice;
  }

  /**
   * The next message, or null when the peer has finished or the server is to stop.
   *
   * @throws FrameError, SystemError; ConnectionError `ERR_IDLE_TIMEOUT`
   */
  async receive(): Promise<Uint8Array | null> {
    for (;;) {
      if (performance.now() - this.#turnAt >= SLICE_MS) await this.#takeTurn();
      if (this.#stop.aborted) return null;
      const message = receiveMessage(this.#socket);
      if (message !== WOULD_BLOCK) {
        this.#progressAt = performance.now();
        return message;
      }
      await this.#waited();
    }
  }

  /** @throws SystemError; ConnectionError `ERR_IDLE_TIMEOUT`, `ERR_DRAIN_TIMEOUT` */
  async send(message: Uint8Array): Promise<void> {
    const frame = encodeFrame(message);
    for (let sent = 0; sent < frame.length; ) {
      const taken = this.#socket.send(sent === 0 ? frame : frame.subarray(sent));
      if (taken === WOULD_BLOCK) {
        await this.#waited();
      } else {
        sent += taken;
        this.#progressAt = performance.now();
      }
    }
  }

  /**
   * Tells the peer that nothing follows, and reads to its end: closing with unread input would reset the connection.
   *
   * @throws SystemError; ConnectionError `ERR_IDLE_TIMEOUT`, `ERR_DRAIN_TIMEOUT`
   */
  async finish(): Promise<void> {
    this.#socket.shutdown("write");
    this.#drainDeadline = performance.now() + DRAIN_MS;
    const discarded = new Uint8Array(DISCARDED_BYTES);
    for (;;) {
      const length = this.#socket.recv(discarded);
      if (length === 0) return;
      await this.#waited();
    }
  }

  /** A slice has passed without what was waited for. */
  async #waited(): Promise<void> {
    await this.#takeTurn();
    const now = performance.now();
    if (this.#stop.aborted) this.#drainDeadline = Math.min(this.#drainDeadline, now + DRAIN_MS);
    if (now >= this.#drainDeadline) {
      const message = `close: expected the client to leave within ${DRAIN_MS} ms, got no end`;
      throw new ConnectionError("ERR_DRAIN_TIMEOUT", message);
    }
    if (this.#idleTimeoutMs > 0 && now - this.#progressAt >= this.#idleTimeoutMs) {
      const expected = `a byte in or out within ${this.#idleTimeoutMs} ms`;
      throw new ConnectionError("ERR_IDLE_TIMEOUT", `connection: expected ${expected}, got none`);
    }
  }

  async #takeTurn(): Promise<void> {
    await nodeTurn();
    this.#turnAt = performance.now();
  }
}
