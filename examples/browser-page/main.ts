// Serves a page and, to its WebSocket, frames that are cut in the wrong places: npx tsx main.ts [PORT]
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { FrameEncoder } from "@p2pnet/framing";
import { build } from "esbuild";
import { WebSocketServer } from "ws";

const page = await build({
  entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  write: false,
});
const html = `<!doctype html><title>frames</title><h1>Frames</h1><ul></ul><script type="module">${page.outputFiles[0]!.text}</script>`;

const server = createServer((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(html));
new WebSocketServer({ server }).on("connection", (socket) => {
  const messages = ["one", "two", "a third, which is a little longer"].map((text) => new TextEncoder().encode(text));
  const bytes = new FrameEncoder().encodeBatch(messages);
  for (let at = 0; at < bytes.length; at += 5) socket.send(bytes.subarray(at, at + 5));
  socket.close();
});
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => {
  console.log(`Open http://127.0.0.1:${(server.address() as { port: number }).port} in a browser`);
});
