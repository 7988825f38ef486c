import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { RawPeer } from "./raw-peer.js";
import { RunningServer } from "./running-server.js";

/** A server, and where Prometheus may ask it. */
async function measured(...args: string[]): Promise<{ server: RunningServer; url: string }> {
  const server = await RunningServer.start("--metrics-port", "0", ...args);
  return { server, url: (await server.line(/Metrics at/)).replace(/^.*Metrics at /, "") };
}

async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(samples.map((line) => line.split(" ")).map(([name, value]) => [name!, Number(value)]));
}

describe("--metrics-port", () => {
  it.each([[[]], [["--workers", "2"]]])("tells Prometheus what the server counts, with %j", async (args) => {
    const { server, url } = await measured(...args);
    const peer = await RawPeer.connect(server.port);
    await peer.echo("hello");
    await peer.echo("again");
    const during = await scrape(url);
    expect(during.get("p2pnet_server_connections")).toBe(1);
    expect(during.get("p2pnet_server_received_messages_total")).toBe(2);
    expect(during.get("p2pnet_server_received_bytes_total")).toBe(2 * (4 + 5));
    peer.socket.end();
    await server.line(/disconnected/);
    expect((await scrape(url)).get('p2pnet_server_ended_connections_total{code="none"}')).toBe(1);
    expect(await server.stop()).toBe(0); // Though the HTTP client keeps its connection.
    expect(server.stderr).toBe("");
  });

  it("answers nothing else", async () => {
    const { url } = await measured();
    expect((await fetch(new URL("/", url))).status).toBe(404);
    expect((await fetch(url, { method: "POST", body: "x" })).status).toBe(405);
  });

  it("is an event of its own with --json", async () => {
    const server = await RunningServer.start("--metrics-port", "0", "--json");
    const event: unknown = JSON.parse(await server.line(/"metrics"/));
    expect(event).toMatchObject({ event: "metrics", address: "127.0.0.1", port: expect.any(Number) });
  });

  it.each([[[]], [["--workers", "2"]]])("is named when it is taken, with %j", async (args) => {
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const server = new RunningServer(["--port", "0", "--metrics-port", `${port}`, ...args]);
    onTestFinished(() => server.kill());
    expect(await server.exited).toBe(1);
    expect(server.lines).toEqual([]);
    expect(server.stderr).toBe(
      `async-server: cannot listen on 127.0.0.1:${port}: address already in use (EADDRINUSE)\n`,
    );
  });
});
