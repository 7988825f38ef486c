import { noise } from "@chainsafe/libp2p-noise";
import { privateKeyFromRaw } from "@libp2p/crypto/keys";
import type { AbortOptions, MessageStream, PrivateKey } from "@libp2p/interface";
import { defaultLogger } from "@libp2p/logger";
import { AbstractMessageStream, type SendResult } from "@libp2p/utils";
import type { ByteStream } from "@p2pnet/stream";
import type { Identity, Role } from "../src/index.js";

/** libp2p's newer packages call it; Node 20 has it not yet. */
if (!("withResolvers" in Promise)) {
  Object.defineProperty(Promise, "withResolvers", {
    value: () => {
      let settle = {};
      const promise = new Promise((resolve, reject) => {
        settle = { resolve, reject };
      });
      return { promise, ...settle };
    },
  });
}

/** What libp2p's interfaces call a stream, over one of ours. */
class StreamForLibp2p extends AbstractMessageStream {
  readonly #stream: ByteStream;

  constructor(stream: ByteStream, role: Role) {
    const direction = role === "initiator" ? "outbound" : "inbound";
    super({ log: defaultLogger().forComponent(`test:${role}`), direction });
    this.#stream = stream;
    stream.start({
      onData: (chunk) => this.onData(new Uint8Array(chunk)),
      onEnd: () => this.onRemoteCloseWrite(),
      onDrain: () => {},
      onError: () => this.onRemoteReset(),
    });
    stream.resume();
  }

  async close(_options?: AbortOptions): Promise<void> {
    this.#stream.end();
  }

  sendData(data: Parameters<AbstractMessageStream["sendData"]>[0]): SendResult {
    for (const bytes of data) this.#stream.write(new Uint8Array(bytes));
    return { sentBytes: data.byteLength, canSendMore: true };
  }

  sendReset(): void {
    this.#stream.abort();
  }

  sendPause(): void {
    this.#stream.pause();
  }

  sendResume(): void {
    this.#stream.resume();
  }
}

/** Our identity's private key, as libp2p holds it: the seed, then the public key. */
export function libp2pKey({ privateKey, publicKey }: Identity): PrivateKey {
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32);
  return privateKeyFromRaw(new Uint8Array(Buffer.concat([seed, publicKey])));
}

export interface Libp2pSide {
  readonly connection: MessageStream;
  readonly remotePeer: string;
}

/** The published implementation of /noise in a role, over `stream`. */
export async function libp2pNoise(stream: ByteStream, identity: Identity, role: Role): Promise<Libp2pSide> {
  const components = {
    privateKey: libp2pKey(identity),
    logger: defaultLogger(),
    upgrader: { getStreamMuxers: () => new Map() },
  };
  // The Noise channel alone: nothing else of a libp2p node is asked for.
  const encrypter = noise()(components as unknown as Parameters<ReturnType<typeof noise>>[0]);
  const messages = new StreamForLibp2p(stream, role);
  const secured = await (role === "initiator" ? encrypter.secureOutbound(messages) : encrypter.secureInbound(messages));
  return { connection: secured.connection, remotePeer: `${secured.remotePeer}` };
}
