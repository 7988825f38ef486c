/**
 * How the bytes of a connection are sealed, and by whom.
 *
 * - none: our connections as they are
 * - p2pnet, p2pnet-node: with @p2pnet/secure, over libcrypto and over node:crypto
 * - tls: `node:tls`, version 1.3, certificates on both sides, framing by hand
 * - libp2p-noise: libp2p's own implementation of /noise on `node:net`, framing by hand
 */
export const PROTOCOLS = ["none", "p2pnet", "p2pnet-node", "tls", "libp2p-noise"] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** What a client of a sealed server has to know. */
export interface SealedClients {
  readonly protocol: Protocol;
  /** The file of a key and its certificate, or nothing. */
  readonly certificate: string;
}
