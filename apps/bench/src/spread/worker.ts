/** A worker that tells each client its index first, and then echoes. */
import { workerContext } from "@p2pnet/connection";

const worker = workerContext();
await worker.listen({ port: 0 }, (peer) => {
  peer.onMessage = (message) => peer.send(message);
  peer.send(Uint8Array.of(worker.index));
});
