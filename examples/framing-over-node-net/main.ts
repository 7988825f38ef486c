// Messages over node:net: only the framing is p2pnet's, so there is no native code, and p2pnet's own peers understand it.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { FrameDuplex } from "@p2pnet/framing/node";

const server = createServer(async (socket) => {
  const peer = new FrameDuplex(socket);
  peer.on("error", (error) => console.error(`server: ${error.message}`));
  for await (const message of peer) {
    if (!peer.write(Buffer.from(message).reverse())) await once(peer, "drain");
  }
  peer.end();
}).listen(0, "127.0.0.1");
await once(server, "listening");

const { port } = server.address() as { port: number };
const peer = new FrameDuplex(connect(port, "127.0.0.1"));
for (const word of ["olleh", "dlrow"]) peer.write(new TextEncoder().encode(word));
peer.end();
for await (const message of peer) console.log(Buffer.from(message).toString());
server.close();
