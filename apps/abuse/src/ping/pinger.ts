import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { patternedFrame } from "../frames.js";
import type { RoundTrips } from "./setup.js";

/** Even lengths, each unlike the last, so that no echo passes for another. */
const FRAMES: readonly Buffer[] = [16, 18, 20, 22, 24, 26, 28, 30].map(patternedFrame);

/** One message, its echo, a pause, the next. */
export class Pinger {
  readonly #socket: Socket;
  readonly #intervalMs: number;
  #roundTrips: number[] = [];
  #wrong = 0;
  #failure: string | null = null;
  #sent = 0;
  #sentAt = 0;
  #expected: Buffer = Buffer.alloc(0);
  #received: Buffer = Buffer.alloc(0);

  private constructor(port: number, intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#got(chunk));
    this.#socket.on("error", (error) => {
      this.#failure ??= error.message;
    });
    this.#socket.on("close", () => {
      this.#failure ??= "closed by the server";
    });
  }

  static async start(port: number, intervalMs: number): Promise<Pinger> {
    const pinger = new Pinger(port, intervalMs);
    await once(pinger.#socket, "connect");
    pinger.#ping();
    return pinger;
  }

  /** Those since the last report. One that is still under way counts as long as it has taken. */
  report(): RoundTrips {
    const waits = this.#received.length < this.#expected.length;
    const sorted = [...this.#roundTrips, ...(waits ? [performance.now() - this.#sentAt] : [])].sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    this.#roundTrips = [];
    return { count: sorted.length, p99: at(0.99), worst: at(1), wrong: this.#wrong, failure: this.#failure };
  }

  #ping(): void {
    this.#expected = FRAMES[this.#sent++ % FRAMES.length]!;
    this.#received = Buffer.alloc(0);
    this.#sentAt = performance.now();
    this.#socket.write(this.#expected);
  }

  #got(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    if (this.#received.length < this.#expected.length) return;
    this.#roundTrips.push(performance.now() - this.#sentAt);
    if (!this.#received.equals(this.#expected)) this.#wrong++;
    setTimeout(() => this.#ping(), this.#intervalMs);
  }
}
