import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Server } from "../src/index.js";
import { bytes } from "./bytes.js";
import { Network } from "./network.js";
import { Recorder } from "./recorder.js";
import { testedBackends } from "./tested-backends.js";
import { until } from "./until.js";

describe.each(testedBackends())("a server that is closed from within its own callbacks, with %s", (backend) => {
  let network: Network;
  let closing: Promise<{ cut: number }> | undefined;
  beforeEach(() => {
    network = new Network(backend);
    closing = undefined;
  });
  afterEach(() => network.close());

  /** It has closed, nobody had to be cut off, and nobody gets in any more. */
  async function expectClosed(server: Server): Promise<void> {
    await until("the callback", () => closing !== undefined);
    expect(await closing).toEqual({ cut: 0 });
    expect(server.connections.size).toBe(0);
    await expect(network.connect(server)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  }

  it("onConnection: that peer gets its end, and those behind it are not told of any more", async () => {
    let calls = 0;
    const server = await network.listen({}, () => {
      calls++;
      closing = server.close();
    });
    const waiting = [network.rawPeer(server), network.rawPeer(server), network.rawPeer(server)];
    for (const { stream } of waiting) stream.resume();
    await until("all to hear of it", () => waiting.every(({ ends, error }) => ends > 0 || error !== undefined));
    for (const { stream } of waiting) stream.end();
    await expectClosed(server);
    expect([calls, waiting.filter(({ ends }) => ends > 0).length]).toEqual([1, 1]);
  });

  it("onMessage: what was sent before arrives", async () => {
    const server = await network.listen({}, (peer) => {
      peer.onMessage = (message) => {
        peer.send(message);
        closing = server.close();
      };
    });
    const client = new Recorder(await network.connect(server)).consume();
    for (const word of ["hello", "and", "more"]) client.connection.send(bytes(word));
    await client.closed();
    await expectClosed(server);
    expect([client.texts, client.code]).toEqual([["hello"], "none"]);
  });

  it("onClose: the others get their end", async () => {
    const server = await network.listen({}, (peer) => {
      peer.onMessage = () => {};
      peer.onClose = () => {
        closing ??= server.close();
      };
    });
    const [first, second] = [await network.connect(server), new Recorder(await network.connect(server)).consume()];
    await until("both to be there", () => server.connections.size === 2);
    first.abort();
    await second.closed();
    await expectClosed(server);
    expect(second.code).toBe("none");
  });

  it("onError: who is connected gets its end", async () => {
    const server = await network.listen({ maxConnections: 1 });
    server.onError = () => {
      closing = server.close();
    };
    const client = new Recorder(await network.connect(server)).consume();
    await until("it to be there", () => server.connections.size === 1);
    const refused = network.rawPeer(server);
    refused.stream.resume();
    await refused.failed();
    await client.closed();
    await expectClosed(server);
    expect(client.code).toBe("none");
  });
});
