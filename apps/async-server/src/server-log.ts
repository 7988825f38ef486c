import type { ServerEvent } from "./events.js";
import { Totals } from "./totals.js";

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

interface PeerNames {
  readonly peerId: string;
  readonly fingerprint: string;
}

/** Counts what happens and reports it as events. Both modes of the server tell it the same things. */
export class ServerLog {
  readonly totals: Totals;
  readonly #report: (event: ServerEvent) => void;

  constructor(report: (event: ServerEvent) => void, totals: Totals = new Totals()) {
    this.#report = report;
    this.totals = totals;
  }

  listening({ address, port }: Endpoint, backend: string): void {
    this.#report({ event: "listening", address, port, backend });
  }

  started(sockets: number): void {
    this.#report({ event: "started", sockets });
  }

  /** Prometheus may ask there. */
  metrics({ address, port }: Endpoint): void {
    this.#report({ event: "metrics", address, port });
  }

  /** @param allowed how many peers are let in; null: everybody */
  secured({ peerId, fingerprint }: PeerNames, allowed: number | null): void {
    this.#report({ event: "secured", peerId, fingerprint, allowed });
  }

  /** The number of the new client. @param peer who it has shown to be, if it had to */
  clientConnected({ address, port }: Endpoint, peer: PeerNames | null = null): number {
    const client = this.totals.clientCame();
    const shown = peer === null ? {} : { peerId: peer.peerId, fingerprint: peer.fingerprint };
    this.#report({ event: "connected", client, address, port, total: this.totals.connected, ...shown });
    return client;
  }

  received(client: number, payload: Uint8Array): void {
    this.#report({ event: "received", client, payload });
  }

  sent(client: number, bytes: number): void {
    this.#report({ event: "sent", client, bytes });
  }

  relayed(client: number, bytes: number, to: number): void {
    this.#report({ event: "relayed", client, bytes, to });
  }

  /** With an error unless the client left gracefully. */
  clientGone(client: number, error?: Error): void {
    this.totals.clientLeft();
    const total = this.totals.connected;
    if (error === undefined) this.#report({ event: "disconnected", client, total });
    else this.#report({ event: "error", code: codeOf(error), message: error.message, client, total });
  }

  serverError(error: Error): void {
    this.#report({ event: "error", code: codeOf(error), message: error.message });
  }

  stopped(): void {
    const { clients, messages, bytes } = this.totals;
    this.#report({ event: "stopped", clients, messages, bytes });
  }
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
