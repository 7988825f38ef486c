// Messages over node:net: only the framing is p2pnet's, so there is no native code, and p2pnet's own peers understand it.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream/promises";
import { FrameDuplex } from "@p2pnet/framing/node";

const server = createServer((socket) => {
  const peer = new FrameDuplex(socket);
  // Whatever ends a client, a frame that is none or a reset, ends it alone.
  pipeline(peer, reversed, peer).catch((error) => console.log(`server: lost a client, ${error.code}`));
}).listen(0, "127.0.0.1");
await once(server, "listening");

/** Takes no message before the one that came before it has room to leave. */
async function* reversed(messages: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const message of messages) yield Buffer.from(message).reverse();
}

const { port } = server.address() as { port: number };
const stranger = connect(port, "127.0.0.1").on("error", () => {});
stranger.write("GET / HTTP/1.1\r\n\r\n"); // its first 4 bytes are no length that is allowed
await new Promise((resolve) => stranger.once("close", resolve));

const peer = new FrameDuplex(connect(port, "127.0.0.1"));
for (const word of ["olleh", "dlrow"]) peer.write(new TextEncoder().encode(word));
peer.end();
for await (const message of peer) console.log(Buffer.from(message).toString());
server.close();
