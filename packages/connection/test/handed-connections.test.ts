import { defaultLoop } from "@p2pnet/event-loop";
import { afterEach, describe, expect, it } from "vitest";
import { connect, type ListenOptions, type MessageConnection, type Server } from "../src/index.js";
import { listenOver } from "../src/listen.js";
import { type Handed, handedTransport } from "../src/transports/handed.js";
import { HandleQueue } from "../src/transports/handle-queue.js";
import { Acceptor } from "../src/workers/acceptor.js";
import { bytes, text } from "./bytes.js";
import { openSockets } from "./descriptors.js";
import { until } from "./until.js";

/** Workers in one thread, so that what each does when is the test's to say. */
class Workers {
  readonly acceptor = new Acceptor((error) => {
    throw error;
  });
  readonly servers: Server[] = [];
  readonly offers: Handed[] = [];
  readonly clients: MessageConnection[] = [];

  async listen(options: ListenOptions<null> = {}): Promise<Server> {
    const address = this.servers[0]?.address ?? null;
    const transport = handedTransport(defaultLoop(), address, (offer) => this.offers.push(offer));
    const server = await listenOver(
      () => transport,
      options,
      (peer) => {
        peer.onMessage = (message) => peer.send(message);
      },
    );
    this.acceptor.add(this.servers.length, this.offers.at(-1)!);
    this.servers.push(server);
    return server;
  }

  /** A worker whose thread is busy with something else: it takes nothing. */
  addStuck(index: number): void {
    const mailbox = defaultLoop().mailbox(() => {});
    this.acceptor.add(index, { queue: new HandleQueue().shared, mailbox: mailbox.address(), listener: null });
    mailboxes.push(mailbox);
  }

  async join(): Promise<MessageConnection> {
    const { port } = this.servers[0]!.address;
    const client = await connect({ host: "127.0.0.1", port });
    this.clients.push(client);
    return client;
  }

  get accepted(): number[] {
    return this.servers.map((server) => server.stats().accepted);
  }

  async close(): Promise<void> {
    this.acceptor.close();
    for (const server of this.servers) await server.close({ deadlineMs: 0 });
    for (const [index] of this.servers.entries()) this.acceptor.remove(index);
    for (const client of this.clients) client.abort();
  }
}

const mailboxes: { close(): void }[] = [];

async function echoOf(client: MessageConnection, words: string): Promise<string> {
  client.send(bytes(words));
  for await (const message of client) return text(message);
  return "nothing";
}

describe("connections that are handed over", () => {
  let workers = new Workers();
  afterEach(async () => {
    await workers.close();
    workers = new Workers();
    for (const mailbox of mailboxes.splice(0)) mailbox.close();
    expect(openSockets()).toBe(0);
  });

  it("go to each worker in turn, and are served there", async () => {
    for (let i = 0; i < 3; i++) await workers.listen();
    workers.acceptor.begin();
    for (let i = 0; i < 30; i++) expect(await echoOf(await workers.join(), `hello ${i}`)).toBe(`hello ${i}`);
    expect(workers.accepted).toEqual([10, 10, 10]);
  });

  it("know both ends, as those that a worker has accepted itself", async () => {
    await workers.listen();
    const second = await workers.listen();
    workers.acceptor.begin();
    const clients = [await workers.join(), await workers.join()];
    await until("the second worker's connection", () => second.connections.size === 1);
    const [connection] = second.connections;
    expect(connection!.localAddress).toEqual(workers.servers[0]!.address);
    expect(clients.map(({ localAddress }) => localAddress)).toContainEqual(connection!.remoteAddress);
  });

  it("wait in the system's queue until all workers listen", async () => {
    await workers.listen();
    const early = await Promise.all([workers.join(), workers.join()]);
    await workers.listen();
    workers.acceptor.begin();
    for (const client of early) expect(await echoOf(client, "early")).toBe("early");
    expect(workers.accepted).toEqual([1, 1]);
  });

  it("are bounded where they are served", async () => {
    const refused: string[] = [];
    for (let i = 0; i < 2; i++) {
      const server = await workers.listen({ maxConnections: 1 });
      server.onError = (error) => refused.push((error as NodeJS.ErrnoException).code!);
    }
    workers.acceptor.begin();
    for (let i = 0; i < 4; i++) await workers.join();
    await until("two to be turned away", () => refused.length === 2);
    expect(refused).toEqual(["ERR_TOO_MANY_CONNECTIONS", "ERR_TOO_MANY_CONNECTIONS"]);
    expect(workers.servers.map(({ connections }) => connections.size)).toEqual([1, 1]);
  });

  it("go to another worker when the one that they were given to is gone", async () => {
    await workers.listen();
    workers.addStuck(1);
    workers.acceptor.begin();
    const clients = await Promise.all(Array.from({ length: 10 }, () => workers.join()));
    await until("half of them to be served", () => workers.accepted[0] === 5);
    workers.acceptor.remove(1);
    for (const client of clients) expect(await echoOf(client, "still here")).toBe("still here");
    expect(workers.accepted).toEqual([10]);
  });

  it("go to the others once a worker takes nobody any more", async () => {
    await workers.listen();
    const second = await workers.listen();
    workers.acceptor.begin();
    await second.close();
    for (let i = 0; i < 4; i++) expect(await echoOf(await workers.join(), "hello")).toBe("hello");
    expect(workers.accepted).toEqual([4, 0]);
  });

  it("wait while no worker is there, and go to the next that comes", async () => {
    const first = await workers.listen();
    workers.acceptor.begin();
    await first.close();
    const clients = await Promise.all([workers.join(), workers.join(), workers.join()]);
    workers.acceptor.remove(0);
    await workers.listen();
    for (const client of clients) expect(await echoOf(client, "at last")).toBe("at last");
    expect(workers.accepted).toEqual([0, 3]);
  });

  it("are reset if nobody has taken them when all is closed", async () => {
    const first = await workers.listen();
    workers.addStuck(1);
    workers.acceptor.begin();
    await first.close();
    const client = await workers.join();
    const ended = new Promise((resolve) => {
      client.onClose = resolve;
    });
    client.onMessage = () => {};
    workers.acceptor.close();
    workers.acceptor.remove(1);
    await ended;
  });

  it("leave nothing open when nobody has begun to accept", async () => {
    await workers.listen();
    expect(openSockets()).toBe(1);
    workers.acceptor.close();
    expect(openSockets()).toBe(0);
  });
});

describe("a queue of handles", () => {
  it("gives each handle once, in order, to whoever takes or drains", () => {
    const putting = new HandleQueue();
    const taking = new HandleQueue(putting.shared);
    for (const handle of [7, 0, 0xfffffffe]) putting.put(handle);
    expect(taking.take()).toBe(7);
    expect(new HandleQueue(putting.shared).drain()).toEqual([0, 0xfffffffe]);
    expect([taking.take(), putting.takeBack()]).toEqual([null, null]);
  });

  it("has room again where one was taken", () => {
    const putting = new HandleQueue();
    const taking = new HandleQueue(putting.shared);
    let put = 0;
    for (; putting.hasRoom; put++) putting.put(put);
    expect(put).toBe(1_024);
    expect(taking.take()).toBe(0);
    putting.put(put);
    expect(putting.hasRoom).toBe(false);
    for (let handle = 1; handle <= put; handle++) expect(taking.take()).toBe(handle);
    expect(taking.take()).toBeNull();
  });
});
