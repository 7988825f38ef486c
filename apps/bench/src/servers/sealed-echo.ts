/**
 * Echoes messages over one of the ways to seal them, or over none.
 *
 * Usage: `node sealed-echo.js PROTOCOL CERTIFICATE`, as in sealed/protocol.ts. Prints `listening PORT`.
 */
import { COPIED_WRITE_BYTES, type ListenOptions, listen, type MessageConnection } from "@p2pnet/connection";
import { upgradeOver } from "../sealed/connect-talk.js";
import type { Protocol } from "../sealed/protocol.js";
import type { FramedTalk } from "../sealed/talk.js";
import { listenAndSay } from "./listen-and-say.js";

async function listenOurs<P>(options: ListenOptions<P>): Promise<void> {
  const server = await listen<P>({ host: "127.0.0.1", port: 0, borrow: true, ...options }, echo);
  console.log(`listening ${server.address.port}`);
}

/** As apps/async-server does. */
function echo(peer: MessageConnection): void {
  peer.onMessage = (message) => {
    // A borrowed message is valid during the call only: what `send` would keep has to be copied.
    const isCopied = message.length <= COPIED_WRITE_BYTES || peer.copiesAll;
    if (!peer.send(isCopied ? message : message.slice())) peer.pause();
  };
  peer.onDrain = () => peer.resume();
}

function echoTalk(talk: FramedTalk): void {
  talk.onMessage = (message) => talk.send(message);
}

const certificate = process.argv[3] ?? "";
const serve: Record<Protocol, () => Promise<void>> = {
  none: () => listenOurs({}),
  p2pnet: () => listenOurs({ upgrade: upgradeOver("libcrypto") }),
  "p2pnet-node": () => listenOurs({ upgrade: upgradeOver("node") }),
  tls: async () => {
    const { listenTls } = await import("../sealed/tls.js");
    listenAndSay(listenTls(certificate, echoTalk));
  },
  "libp2p-noise": async () => {
    const { listenLibp2pNoise } = await import("../sealed/libp2p-noise.js");
    listenAndSay(listenLibp2pNoise(echoTalk));
  },
};

const protocol = process.argv[2] as Protocol;
if (!(protocol in serve)) {
  console.error(`protocol: expected ${Object.keys(serve).join(", ")}, got ${process.argv[2]}`);
  process.exit(2);
}
await serve[protocol]();
