import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { noise } from "@chainsafe/libp2p-noise";
import { generateKeyPair } from "@libp2p/crypto/keys";
import type { MessageStream } from "@libp2p/interface";
import { defaultLogger } from "@libp2p/logger";
import { AbstractMessageStream, type SendResult } from "@libp2p/utils";
import { FramedTalk } from "./talk.js";

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

/** What libp2p's interfaces call a stream, over `node:net`. */
class SocketForLibp2p extends AbstractMessageStream {
  readonly #socket: Socket;

  constructor(socket: Socket, direction: "inbound" | "outbound") {
    super({ log: defaultLogger().forComponent(`bench:${direction}`), direction });
    this.#socket = socket;
    socket.on("data", (chunk) => this.onData(chunk));
    socket.on("drain", () => this.safeDispatchEvent("drain"));
    socket.on("end", () => this.onRemoteCloseWrite());
    socket.on("close", () => this.onTransportClosed());
    socket.on("error", () => this.onRemoteReset());
  }

  async close(): Promise<void> {
    this.#socket.end();
  }

  sendData(data: Parameters<AbstractMessageStream["sendData"]>[0]): SendResult {
    let canSendMore = true;
    for (const bytes of data instanceof Uint8Array ? [data] : data) canSendMore = this.#socket.write(bytes);
    return { sentBytes: data.byteLength, canSendMore };
  }

  sendReset(): void {
    this.#socket.resetAndDestroy();
  }

  sendPause(): void {
    this.#socket.pause();
  }

  sendResume(): void {
    this.#socket.resume();
  }
}

const components = {
  privateKey: await generateKeyPair("Ed25519"),
  logger: defaultLogger(),
  upgrader: { getStreamMuxers: () => new Map() },
};
// The Noise channel alone: nothing else of a libp2p node is asked for.
const encrypter = noise()(components as unknown as Parameters<ReturnType<typeof noise>>[0]);

export function listenLibp2pNoise(onTalk: (talk: FramedTalk) => void): Server {
  return createServer({ noDelay: true }, async (socket) => {
    try {
      const { connection } = await encrypter.secureInbound(new SocketForLibp2p(socket, "inbound"));
      onTalk(talkOver(connection, socket));
    } catch {
      socket.destroy(); // A peer that left in its handshake, or never began one.
    }
  });
}

export async function connectLibp2pNoise(host: string, port: number): Promise<FramedTalk> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, "connect");
  const { connection } = await encrypter.secureOutbound(new SocketForLibp2p(socket, "outbound"));
  return talkOver(connection, socket);
}

function talkOver(stream: MessageStream, socket: Socket): FramedTalk {
  const talk = new FramedTalk({
    write: (bytes) => {
      if (!stream.send(bytes)) stream.pause();
    },
    end: () => void stream.close(),
    abort: () => socket.destroy(),
  });
  stream.addEventListener("message", ({ data }) => {
    const bytes = data instanceof Uint8Array ? data : data.subarray();
    talk.received(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
  stream.addEventListener("drain", () => stream.resume());
  stream.addEventListener("remoteCloseWrite", () => void stream.close());
  socket.on("close", () => talk.ended());
  return talk;
}
