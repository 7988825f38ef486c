import type { SocketAddress } from "@p2pnet/socket";
import { AcceptRate } from "./accept-rate.js";
import { addressGroup } from "./address-group.js";
import { ConnectionError, expectInteger, expectNumber, expectTimeout } from "./errors.js";
import { HandshakeFailures } from "./handshake-failures.js";

/** How many peers a server takes in. */
export interface AdmissionOptions {
  /** Peers at once, those in a handshake among them; more are turned away with a reset. Default: no bound but the system's. */
  readonly maxConnections?: number;
  /** The same for each address; of IPv6, for each /64 network. Default: no bound. */
  readonly maxConnectionsPerAddress?: number;
  /** Connections a second that an address may make, as many at once and at least one; IPv6 as above. Default: no bound. */
  readonly acceptRatePerAddress?: number;
  /** Peers that are in their handshake (`upgrade`) at once. Default 1,024. */
  readonly maxPendingHandshakes?: number;
  /**
   * Handshakes (`upgrade`) that may fail from an address before it is kept away; IPv6 as above. One is forgotten each minute.
   * Default: no bound, as many peers may share one address, and so may who checks only whether the port is open.
   */
  readonly handshakeFailuresPerAddress?: number;
  /** For how long it is kept away at first; twice as long for each failure more, an hour at most. Default 1,000 milliseconds. */
  readonly handshakePenaltyMs?: number;
}

export interface AdmissionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly acceptRatePerAddress: number;
  readonly maxPendingHandshakes: number;
  readonly handshakeFailuresPerAddress: number;
  readonly handshakePenaltyMs: number;
}

/** Why a peer was turned away. */
export type RefusalCode =
  | "ERR_TOO_MANY_CONNECTIONS"
  | "ERR_TOO_MANY_FROM_ADDRESS"
  | "ERR_TOO_MANY_HANDSHAKES"
  | "ERR_TOO_MANY_FAILED_HANDSHAKES"
  | "ERR_ACCEPT_RATE";

const ANY = Number.MAX_SAFE_INTEGER;

/** @throws ConnectionError `ERR_OUT_OF_RANGE` */
export function admissionLimits(options: AdmissionOptions): AdmissionLimits {
  const { maxConnections, maxConnectionsPerAddress, acceptRatePerAddress, maxPendingHandshakes } = options;
  const { handshakeFailuresPerAddress, handshakePenaltyMs } = options;
  return {
    maxConnections: expectInteger("maxConnections", maxConnections ?? ANY, 1),
    maxConnectionsPerAddress: expectInteger("maxConnectionsPerAddress", maxConnectionsPerAddress ?? ANY, 1),
    acceptRatePerAddress: expectNumber("acceptRatePerAddress", acceptRatePerAddress ?? ANY, 0.001, ANY),
    maxPendingHandshakes: expectInteger("maxPendingHandshakes", maxPendingHandshakes ?? 1_024, 1),
    handshakeFailuresPerAddress: expectInteger("handshakeFailuresPerAddress", handshakeFailuresPerAddress ?? ANY, 0),
    handshakePenaltyMs: expectTimeout("handshakePenaltyMs", handshakePenaltyMs ?? 1_000, 1),
  };
}

/** Counts who is in, and decides who gets in. */
export class Admission {
  /** Peers turned away so far. */
  readonly refused: Record<RefusalCode, number> = {
    ERR_TOO_MANY_CONNECTIONS: 0,
    ERR_TOO_MANY_FROM_ADDRESS: 0,
    ERR_TOO_MANY_HANDSHAKES: 0,
    ERR_TOO_MANY_FAILED_HANDSHAKES: 0,
    ERR_ACCEPT_RATE: 0,
  };
  readonly #limits: AdmissionLimits;
  readonly #rate: AcceptRate | null;
  readonly #failures: HandshakeFailures | null;
  readonly #perAddress: Map<string, number> | null;
  #inside = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
    this.#rate = limits.acceptRatePerAddress === ANY ? null : new AcceptRate(limits.acceptRatePerAddress);
    const { handshakeFailuresPerAddress: allowed, handshakePenaltyMs } = limits;
    this.#failures = allowed === ANY ? null : new HandshakeFailures(allowed, handshakePenaltyMs);
    this.#perAddress = limits.maxConnectionsPerAddress === ANY ? null : new Map();
  }

  /** Lets a peer in, until `leave`; or says why not. @param now milliseconds on the server's clock */
  enter(from: SocketAddress | null, handshakes: number, now: number): RefusalCode | null {
    const address = this.#groupOf(from);
    const refusal = this.#refusal(address, handshakes, now);
    if (refusal !== null) {
      this.refused[refusal]++;
      return refusal;
    }
    this.#inside++;
    if (address !== null) this.#perAddress?.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    return null;
  }

  /** A peer that was let in is gone. */
  leave(from: SocketAddress | null): void {
    this.#inside--;
    const address = this.#groupOf(from);
    if (address === null || this.#perAddress === null) return;
    const left = this.#perAddress.get(address)! - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }

  /** The handshake of a peer that was let in has failed. @param now milliseconds on the server's clock */
  handshakeFailed(from: SocketAddress | null, now: number): void {
    const address = this.#groupOf(from);
    if (address !== null) this.#failures?.failed(address, now);
  }

  /** The error that tells a refusal. */
  errorOf(code: RefusalCode, from: SocketAddress | null): ConnectionError {
    const limits = this.#limits;
    const who = from?.address ?? "one address";
    const expected = {
      ERR_TOO_MANY_CONNECTIONS: `at most ${limits.maxConnections} connections`,
      ERR_TOO_MANY_FROM_ADDRESS: `at most ${limits.maxConnectionsPerAddress} connections from ${who}`,
      ERR_TOO_MANY_HANDSHAKES: `at most ${limits.maxPendingHandshakes} handshakes at once`,
      ERR_TOO_MANY_FAILED_HANDSHAKES: `at most ${limits.handshakeFailuresPerAddress} failed handshakes from ${who}`,
      ERR_ACCEPT_RATE: `at most ${limits.acceptRatePerAddress} connections a second from ${who}`,
    }[code];
    return new ConnectionError(code, `server: expected ${expected}, got one more`);
  }

  /** The rate comes first: who comes too often pays for every try. */
  #refusal(address: string | null, handshakes: number, now: number): RefusalCode | null {
    const { maxConnections, maxConnectionsPerAddress, maxPendingHandshakes } = this.#limits;
    if (address !== null && this.#rate !== null && !this.#rate.take(address, now)) return "ERR_ACCEPT_RATE";
    if (address !== null && this.#failures !== null && this.#failures.penaltyMs(address, now) > 0) {
      return "ERR_TOO_MANY_FAILED_HANDSHAKES";
    }
    if (this.#inside >= maxConnections) return "ERR_TOO_MANY_CONNECTIONS";
    const inside = address === null ? 0 : (this.#perAddress?.get(address) ?? 0);
    if (inside >= maxConnectionsPerAddress) return "ERR_TOO_MANY_FROM_ADDRESS";
    return handshakes >= maxPendingHandshakes ? "ERR_TOO_MANY_HANDSHAKES" : null;
  }

  /** Null where nothing is counted by address. */
  #groupOf(from: SocketAddress | null): string | null {
    if (from === null || (this.#rate === null && this.#perAddress === null && this.#failures === null)) return null;
    return addressGroup(from);
  }
}
