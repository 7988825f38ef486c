// A server that sends back what it gets, and a client that asks three times. In real life they are two programs.
import { connect, listen } from "@p2pnet/connection";

const server = await listen({ host: "127.0.0.1", port: 0 }, (peer) => {
  console.log("server: somebody has connected");
  peer.onMessage = (message) => peer.send(message);
  peer.onClose = (error) => console.log(error ? `server: lost a peer (${error.message})` : "server: the peer has left");
});

const peer = await connect({ host: "127.0.0.1", port: server.address.port });
const words = ["one", "two", "three"];
for (const word of words) peer.send(new TextEncoder().encode(word)); // all of them leave in one system call

let heard = 0;
for await (const message of peer) {
  console.log(`client: heard ${new TextDecoder().decode(message)}`);
  if (++heard === words.length) break; // closes gracefully
}
await server.close();
