// Questions and answers over one connection, in any order, each with a deadline: asker.ts keeps them apart.
import { connect, listen } from "@p2pnet/connection";
import { Asker } from "./asker.js";

const server = await listen({ port: 0 }, (peer) => {
  peer.onMessage = async (message) => {
    const [number, question] = [message.subarray(0, 4), Buffer.from(message.subarray(4)).toString()];
    if (question === "nothing?") return; // never answered
    if (question === "slow?") await new Promise((resolve) => setTimeout(resolve, 50));
    if (peer.open) peer.send(Buffer.concat([number, Buffer.from(`${question} yes`)]));
  };
});

const asker = new Asker(await connect({ host: "127.0.0.1", port: server.address.port }));
for (const question of ["slow?", "fast?", "nothing?"]) {
  asker.ask(question, AbortSignal.timeout(200)).then(console.log, (error) => {
    console.log(`${question} ${error.name}`);
    void server.close(); // the last one, and so the end of the connection
  });
}
