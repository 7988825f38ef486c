import { type ConnectOptions, connect } from "@p2pnet/connection";
import type { EventLoop } from "@p2pnet/event-loop";
import { generateIdentity, secure } from "@p2pnet/secure";
import type { Protocol } from "./protocol.js";
import type { Talk } from "./talk.js";

export interface TalkTarget {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** For `tls`. */
  readonly certificate: string;
}

/** A client of any of the servers. */
export function connectTalk({ host, port, protocol, certificate }: TalkTarget, loop: EventLoop): Promise<Talk> {
  const own: ConnectOptions = { host, port, loop, borrow: true };
  switch (protocol) {
    case "none":
      return connect(own);
    case "p2pnet":
      return connect({ ...own, upgrade: upgradeOver("libcrypto") });
    case "p2pnet-node":
      return connect({ ...own, upgrade: upgradeOver("node") });
    // Only where they are asked for: importing them takes its time.
    case "tls":
      return import("./tls.js").then(({ connectTls }) => connectTls(certificate, host, port));
    case "libp2p-noise":
      return import("./libp2p-noise.js").then(({ connectLibp2pNoise }) => connectLibp2pNoise(host, port));
  }
}

type Upgrade = ReturnType<typeof secure>;
const upgrades = new Map<string, Upgrade>();

/** One for the whole program, as a user makes one. Who the peer is gets checked, and anybody may be. */
export function upgradeOver(cipher: "libcrypto" | "node"): Upgrade {
  let upgrade = upgrades.get(cipher);
  if (upgrade === undefined) {
    upgrade = secure({ identity: generateIdentity(), verify: () => true, cipher });
    upgrades.set(cipher, upgrade);
  }
  return upgrade;
}
