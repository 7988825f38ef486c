import type { AddressInfo, Server } from "node:net";

/** Listens on a free port of 127.0.0.1 and prints `listening PORT`: from then on clients may come. */
export function listenAndSay(server: Server): void {
  server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
    console.log(`listening ${(server.address() as AddressInfo).port}`);
  });
}
