import type { Timers } from "@p2pnet/event-loop";
import { afterEach, beforeEach, expect } from "vitest";
import { type ConnectionOptions, MessageConnection } from "../src/index.js";
import type { Carried, Carrier } from "./carrier.js";
import { RawPeer } from "./raw-peer.js";
import type { Recorder } from "./recorder.js";
import { turns } from "./until.js";

/** Makes connections over a carrier, one pair a test, and sees that they leave nothing behind. */
export class Rig {
  readonly carrier: Carrier;
  readonly #connections: MessageConnection[] = [];
  #carried: Carried | null = null;

  constructor(carrier: Carrier) {
    this.carrier = carrier;
    beforeEach(async () => {
      this.#carried = await carrier.open();
    });
    afterEach(async () => {
      for (const connection of this.#connections.splice(0)) connection.abort();
      await turns(3);
      const { timers, uncaught } = this.#open();
      this.#open().close();
      this.#carried = null;
      expect(uncaught, "what handlers threw").toEqual([]);
      expect(timers.size, "timers left").toBe(0);
    });
  }

  get timers(): Timers {
    return this.#open().timers;
  }

  /** Two connections, joined. */
  join(left: ConnectionOptions = {}, right: ConnectionOptions = {}): [MessageConnection, MessageConnection] {
    const { streams } = this.#open();
    return [this.#make(streams[0], left), this.#make(streams[1], right)];
  }

  /** A connection and a peer that moves bytes by hand. */
  joinRaw(options: ConnectionOptions = {}): [MessageConnection, RawPeer] {
    const { streams } = this.#open();
    return [this.#make(streams[0], options), new RawPeer(streams[1])];
  }

  pass(ms: number): void {
    this.#open().pass(ms);
  }

  /** So much time passes, and `end` goes on. */
  async goesOnFor(ms: number, end: Recorder): Promise<void> {
    this.pass(ms);
    await turns();
    expect(end.closes.length).toBe(0);
  }

  /** `end` goes on until so much time has passed, and ends then. @param code as `end.code` */
  async endsAfter(ms: number, end: Recorder, code: string): Promise<void> {
    await this.goesOnFor(ms - 1, end);
    this.pass(1);
    await end.closed();
    expect(end.code).toBe(code);
  }

  /** What handlers have thrown so far, which a test expects. */
  takeUncaught(): unknown[] {
    return this.#open().uncaught.splice(0);
  }

  #make(stream: Carried["streams"][0], options: ConnectionOptions): MessageConnection {
    const connection = new MessageConnection(stream, options, { timers: this.timers });
    this.#connections.push(connection);
    return connection;
  }

  #open(): Carried {
    if (this.#carried === null) throw new Error("rig: expected to be used inside a test");
    return this.#carried;
  }
}
