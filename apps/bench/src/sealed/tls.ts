import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Server, type TLSSocket } from "node:tls";
import { FramedTalk } from "./talk.js";

/** @param certificate the file of a key and its certificate, which both sides show */
export function listenTls(certificate: string, onTalk: (talk: FramedTalk) => void): Server {
  return createServer({ ...shown(certificate), requestCert: true, noDelay: true }, (socket) =>
    onTalk(talkOver(socket)),
  );
}

export async function connectTls(certificate: string, host: string, port: number): Promise<FramedTalk> {
  const socket = connect({ ...shown(certificate), host, port });
  socket.setNoDelay(true);
  await once(socket, "secureConnect");
  return talkOver(socket);
}

function shown(certificate: string) {
  const pem = readFileSync(certificate);
  return { key: pem, cert: pem, ca: pem, minVersion: "TLSv1.3" as const };
}

function talkOver(socket: TLSSocket): FramedTalk {
  const talk = new FramedTalk({
    write: (bytes) => {
      if (!socket.write(bytes)) socket.pause();
    },
    end: () => socket.end(),
    abort: () => socket.destroy(),
  });
  socket.on("data", (chunk: Buffer) => talk.received(chunk));
  socket.on("drain", () => socket.resume());
  socket.on("error", (error) => talk.ended(error));
  socket.on("close", () => talk.ended());
  return talk;
}
