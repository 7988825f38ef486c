// Runs in each worker: a room of all workers' clients, behind one port.
import { workerContext } from "@p2pnet/connection";

const worker = workerContext();
await worker.listen({ port: 0 }, (peer) => {
  peer.onMessage = (message) => worker.broadcast(message, { except: peer });
});
