// A chat room in one file:
//   npx tsx main.ts serve 4000
//   npx tsx main.ts join 4000 Ada      (in as many terminals as you like; type, and press Enter)
import { createInterface } from "node:readline";
import { connect, listen } from "@p2pnet/connection";

const [mode, port = "4000", name = "somebody"] = process.argv.slice(2);
const encode = (text: string) => new TextEncoder().encode(text);

if (mode === "serve") await serve();
else if (mode === "join") await join();
else {
  console.error("chat-room: expected serve PORT or join PORT NAME");
  process.exitCode = 2;
}

/** Whoever reads too slowly is dropped at `maxQueuedBytes`; nobody else waits for them. */
async function serve(): Promise<void> {
  const room = await listen({ port: Number(port), maxConnections: 100, maxQueuedBytes: 1_048_576 }, (peer) => {
    peer.onMessage = (message) => room.broadcast(message, { except: peer });
    peer.onClose = () => room.broadcast(encode("(somebody has left)"));
  });
  console.log(`The room is open on port ${room.address.port}`);
  process.once("SIGINT", () => void room.close());
}

async function join(): Promise<void> {
  const room = await connect({ host: "127.0.0.1", port: Number(port) });
  console.log("You are in");
  room.send(encode(`${name} has joined`));
  const keyboard = createInterface({ input: process.stdin });
  keyboard.on("line", (line) => line !== "" && room.send(encode(`${name}: ${line}`)));
  keyboard.on("close", () => void room.close());
  for await (const message of room) console.log(new TextDecoder().decode(message));
  keyboard.close(); // the room has closed
}
