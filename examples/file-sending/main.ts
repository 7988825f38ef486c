// Sends a file to a receiver of its own: npx tsx main.ts FILE COPY
// Only what the network has room for is read: a file of any size takes the same memory.
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { connect, listen, type MessageConnection } from "@p2pnet/connection";
import { SingleBar } from "cli-progress";

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  console.error("file-sending: expected FILE COPY");
  process.exit(2);
}

const server = await listen({ port: 0 }, async (peer) => {
  await receive(peer, to).catch((error) => fail("receiving", error));
  await server.close();
});
await send(from, await connect({ host: "127.0.0.1", port: server.address.port })).catch((error) =>
  fail("sending", error),
);

/** An iteration reads no further than the disk has written. */
async function receive(peer: MessageConnection, path: string): Promise<void> {
  await pipeline(peer, createWriteStream(path));
  console.log(`received ${peer.stats().messagesReceived} messages`);
}

async function send(path: string, peer: MessageConnection): Promise<void> {
  const bar = new SingleBar({ format: "{bar} {percentage} %  {value} of {total} bytes", noTTYOutput: true });
  try {
    bar.start((await stat(path)).size, 0);
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
      if (peer.open && !peer.send(chunk)) await peer.drained(); // the disk waits for the network
      if (!peer.open) throw new Error("the receiver is gone");
      bar.increment(chunk.length);
    }
  } finally {
    await peer.close(); // all of it is sent, and the receiver has ended too
    bar.stop();
  }
}

function fail(what: string, error: Error): void {
  console.error(`${what}: ${error.message}`);
  process.exitCode = 1;
}
