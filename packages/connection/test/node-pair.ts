import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Two connected sockets of `node:net`. */
export async function nodeSocketPair(
  at: { port: number; host: string } | { path: string } = LOOPBACK,
): Promise<[Socket, Socket]> {
  const server = createServer({ pauseOnConnect: true }).listen(at);
  await once(server, "listening");
  const address = server.address();
  const left = typeof address === "string" ? connect(address) : connect(address!.port, address!.address);
  const [[right]] = (await Promise.all([once(server, "connection"), once(left, "connect")])) as [[Socket], unknown];
  server.close();
  return [left, right];
}

const LOOPBACK = { port: 0, host: "127.0.0.1" };
