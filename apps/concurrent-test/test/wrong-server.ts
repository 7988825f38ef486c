import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Answers one frame: `frame` is the header and the payload. */
export type Answer = (socket: Socket, frame: Buffer, count: number) => void;

/** The right one. */
export const echo: Answer = (socket, frame) => void socket.write(frame);

/**
 * A server over node:net that cuts frames by hand and answers as it is told to. `count` is the number of the frame on its
 * connection, from 1; `welcome` is told of each connection. Returns the port.
 */
export async function startAnswering(answer: Answer, welcome = (_: Socket): unknown => null): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    welcome(socket);
    let rest: Buffer = Buffer.alloc(0);
    let count = 0;
    socket.on("error", () => {}); // The client may well reset when it has seen enough.
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
        const end = 4 + rest.readUInt32BE();
        answer(socket, rest.subarray(0, end), ++count);
        rest = rest.subarray(end);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
