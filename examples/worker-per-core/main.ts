// A server in as many threads as there are cores, and eight clients that all hear the first of them.
import { connect, runWorkers } from "@p2pnet/connection";

const workers = await runWorkers(new URL("./server.js", import.meta.url)); // one for each core
const { port } = workers.address;
console.log(`${workers.size} workers listen`);

const clients = await Promise.all(Array.from({ length: 8 }, () => connect({ host: "127.0.0.1", port })));
const heard = clients.slice(1).map(async (client) => {
  for await (const message of client) return new TextDecoder().decode(message);
  return "nothing";
});
// Who is connected may not be accepted yet: speak until everybody has heard it.
const speaking = setInterval(() => clients[0]!.send(new TextEncoder().encode("hello")), 20);
console.log(`${(await Promise.all(heard)).filter((text) => text === "hello").length} clients have heard it`);
clearInterval(speaking);
await clients[0]!.close();
await workers.close();
