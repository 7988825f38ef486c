import { describe, expect, it } from "vitest";
import { runProgram } from "./run-program.js";
import { testedBackends } from "./tested-backends.js";

/** Ends connections in every way, on the default loop, counts descriptors, and then has nothing more to do. */
const PROGRAM = `
import { existsSync, readdirSync } from "node:fs";
import { connect as connectBy, ConnectionError, listen as listenBy } from "@p2pnet/connection";

const transport = process.env.TRANSPORT ?? "native";
const connect = (options) => connectBy({ transport, ...options });
const listen = (options, onConnection) => listenBy({ transport, ...options }, onConnection);
const folder = ["/proc/self/fd", "/dev/fd"].find(existsSync);
const descriptors = () => (folder === undefined ? 0 : readdirSync(folder).length);
const bytes = (text) => new TextEncoder().encode(text);

async function life() {
  const server = await listen({ maxConnections: 12 }, (peer) => {
    peer.onMessage = (message) => {
      if (message[0] === 33) peer.abort();
      else if (message[0] === 46) void peer.close();
      else peer.send(message);
    };
  });
  const { port } = server.address;
  const open = (options) => connect({ host: "127.0.0.1", port, ...options });

  const echoed = await open();
  echoed.send(bytes("hello"));
  for await (const _ of echoed) break;

  const aborted = await open();
  aborted.abort();

  const reset = await open();
  reset.onMessage = () => {};
  reset.send(bytes("!"));
  await reset.closed;

  const ended = await open();
  ended.onMessage = () => {};
  ended.send(bytes("."));
  await ended.closed;

  const idle = await open({ idleTimeoutMs: 5 });
  await idle.closed;

  const slow = await open({ maxQueuedBytes: 1, frame: { maxLength: 10 } });
  while (slow.open) slow.send(bytes("0123456789"));

  const rest = await Promise.allSettled(Array.from({ length: 20 }, () => open()));
  for (const { value } of rest) if (value) value.onMessage = () => {};

  await connect({ host: "127.0.0.1", port: 1 }).catch((error) => console.log(error.code));
  await open({ signal: AbortSignal.abort(new Error("no")) }).catch((error) => console.log(error.message));
  await connect({ host: "slow", port, connectTimeoutMs: 5, resolver: () => new Promise(() => {}) }).catch((error) => {
    console.log(error instanceof ConnectionError, error.code);
  });
  console.log(await server.close({ deadlineMs: 1000 }));
  await Promise.allSettled(rest.map(({ value }) => value?.closed));
}

await life();
const before = descriptors();
await life();
await life();
// What another thread waits on is closed when it is done with it.
for (const deadline = performance.now() + 2_000; descriptors() > before && performance.now() < deadline; ) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log("descriptors left:", descriptors() - before);
`;

const LIFE = "ECONNREFUSED\nno\ntrue ERR_CONNECT_TIMEOUT\n{ cut: 0 }\n";

describe.each(testedBackends())("a process with %s", (backend) => {
  it("gets all its descriptors back, and ends by itself", async () => {
    expect(await runProgram(PROGRAM, { environment: { P2PNET_BACKEND: backend } })).toBe(
      `${LIFE.repeat(3)}descriptors left: 0\n`,
    );
  });

  it("ends by itself with a loop that it runs", async () => {
    const program = `
      import { connect, listen } from "@p2pnet/connection";
      import { EventLoop } from "@p2pnet/event-loop";
      const loop = new EventLoop();
      const server = await listen({ loop }, (peer) => {
        peer.onMessage = (message) => peer.send(message);
      });
      const running = loop.run();
      const peer = await connect({ loop, host: "127.0.0.1", port: server.address.port });
      peer.onMessage = async () => {
        await peer.close();
        await server.close();
      };
      peer.send(new TextEncoder().encode("hello"));
      await running;
      console.log(loop.backend, loop.size);
    `;
    expect(await runProgram(program, { environment: { P2PNET_BACKEND: backend } })).toBe(`${backend} 0\n`);
  });

  it("hears of an onClose that throws, when the connection has ended all the same", async () => {
    const program = `
      import { connect, listen } from "@p2pnet/connection";
      process.on("uncaughtException", (error) => console.log("uncaught:", error.message));
      const server = await listen({}, (peer) => {
        peer.onMessage = () => {};
        peer.onClose = () => { throw new Error("in onClose"); };
      });
      const peer = await connect({ host: "127.0.0.1", port: server.address.port });
      await peer.close();
      console.log(await server.close(), server.connections.size);
    `;
    const printed = await runProgram(program, { environment: { P2PNET_BACKEND: backend } });
    expect(printed.split("\n").toSorted()).toEqual(["", "uncaught: in onClose", "{ cut: 0 } 0"]);
  });
});

describe("a process with transport node", () => {
  it("gets all its descriptors back, and ends by itself", async () => {
    const printed = await runProgram(PROGRAM, { environment: { TRANSPORT: "node" } });
    expect(printed).toBe(`${LIFE.repeat(3)}descriptors left: 0\n`);
  });

  it.each(["native", "node"])(
    "lives as long as a connection, though nobody reads it, with transport %s",
    async (name) => {
      const program = `
      import { connect, listen } from "@p2pnet/connection";
      const transport = process.env.TRANSPORT;
      const server = await listen({ transport }, () => {});
      const peer = await connect({ host: "127.0.0.1", port: server.address.port, transport, idleTimeoutMs: 50 });
      void server.close();
      peer.onClose = (error) => console.log(error.code);
    `;
      expect(await runProgram(program, { environment: { TRANSPORT: name } })).toBe("ERR_IDLE_TIMEOUT\n");
    },
  );

  it("ends although a socket of the user's own has an idle deadline, when it does not keep it running", async () => {
    const program = `
      import { once } from "node:events";
      import { connect, createServer } from "node:net";
      import { MessageConnection, streamOverNodeSocket } from "@p2pnet/connection";
      const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const socket = connect(server.address().port, "127.0.0.1");
      await once(socket, "connect");
      const connection = new MessageConnection(streamOverNodeSocket(socket), { idleTimeoutMs: 3_600_000 });
      connection.onMessage = () => {};
      server.unref();
      socket.unref();
      console.log("done");
    `;
    expect(await runProgram(program)).toBe("done\n");
  });
});
