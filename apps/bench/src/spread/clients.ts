import { connect, type MessageConnection } from "@p2pnet/connection";
import { BenchError } from "../errors.js";

/** Clients that connect at the same time. */
const AT_ONCE = 50;

/** How many of the clients each worker serves. Every one stays until all have compared their echoes. */
export async function countByWorker(port: number, clients: number, echoes: number, workers: number): Promise<number[]> {
  const served = new Array<number>(workers).fill(0);
  const connections: MessageConnection[] = [];
  try {
    for (let from = 0; from < clients; from += AT_ONCE) {
      const group = Array.from({ length: Math.min(AT_ONCE, clients - from) }, async (_, i) => {
        const client = await connect({ host: "127.0.0.1", port });
        connections.push(client);
        const index = await echoesOf(client, `client ${from + i}`, echoes);
        served[index] = (served[index] ?? 0) + 1;
      });
      await Promise.all(group);
    }
  } finally {
    for (const connection of connections) connection.abort();
  }
  return served;
}

/** Sends one message after the other, compares each echo, and gives the index of the worker. */
function echoesOf(client: MessageConnection, name: string, echoes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let index: number | null = null;
    let compared = 0;
    const fail = (got: string): void => reject(new BenchError("ERR_LOAD", `${name}: expected its echo, got ${got}`));
    client.onClose = () => fail("the end of its connection");
    client.onMessage = (message) => {
      if (index === null) index = message[0]!;
      else if (Buffer.from(message).toString() === `${name}: ${compared}`) compared++;
      else return fail("another message");
      if (compared === echoes) resolve(index);
      else client.send(Buffer.from(`${name}: ${compared}`));
    };
  });
}
