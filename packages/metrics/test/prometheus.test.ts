import { channel } from "node:diagnostics_channel";
import type { ServerStats } from "@p2pnet/connection";
import { Counter, type OpenMetricsContentType, Registry, register } from "prom-client";
import { describe, expect, it } from "vitest";
import { SERVER_METRICS } from "../src/index.js";
import { type MetricsError, prometheusMetrics } from "../src/prometheus.js";
import { BusyServer } from "./busy-server.js";
import { parseScrape, type Samples } from "./scrape.js";

const CHANNELS = ["open", "slow", "error", "close"].map((name) => `p2pnet:connection:${name}`);

/** What a server has counted that nobody has come to. */
const NOTHING: ServerStats = {
  connections: 0,
  pendingHandshakes: 0,
  accepted: 0,
  ended: { none: 0 },
  refused: {
    ERR_TOO_MANY_CONNECTIONS: 0,
    ERR_TOO_MANY_FROM_ADDRESS: 0,
    ERR_TOO_MANY_HANDSHAKES: 0,
    ERR_TOO_MANY_FAILED_HANDSHAKES: 0,
    ERR_ACCEPT_RATE: 0,
  },
  failedHandshakes: 0,
  cut: 0,
  ageMs: 0,
  idleMs: 0,
  bytesReceived: 0,
  bytesSent: 0,
  messagesReceived: 0,
  messagesSent: 0,
  queuedBytes: 0,
  timesSlow: 0,
};

async function scrape(registry: Registry): Promise<Samples> {
  return parseScrape(await registry.metrics()).samples;
}

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as MetricsError).code;
  }
  throw new Error("call: expected an error, got none");
}

describe.each(["native", "node"] as const)("a scrape of a server over transport %s", (transport) => {
  it("tells everything that it counts", async () => {
    await using busy = await BusyServer.open(transport, 3);
    const registry = new Registry();
    using _metrics = prometheusMetrics(busy.server, { registry });

    (await busy.echo(2)).abort();
    await busy.until("a reset", ({ ended }) => ended["ECONNRESET"] === 1);
    await (await busy.echo()).close();
    await busy.until("a graceful end", ({ ended }) => ended["none"] === 1);
    for (let i = 0; i < 3; i++) await busy.echo(4);
    await busy.refused();

    expect(await scrape(registry)).toEqual({
      p2pnet_server_connections: 3,
      p2pnet_server_pending_handshakes: 0,
      p2pnet_server_queued_bytes: 0,
      p2pnet_server_accepted_connections_total: 5,
      'p2pnet_server_ended_connections_total{code="none"}': 1,
      'p2pnet_server_ended_connections_total{code="ECONNRESET"}': 1,
      'p2pnet_server_refused_connections_total{code="ERR_TOO_MANY_CONNECTIONS"}': 1,
      'p2pnet_server_refused_connections_total{code="ERR_TOO_MANY_FROM_ADDRESS"}': 0,
      'p2pnet_server_refused_connections_total{code="ERR_TOO_MANY_HANDSHAKES"}': 0,
      'p2pnet_server_refused_connections_total{code="ERR_TOO_MANY_FAILED_HANDSHAKES"}': 0,
      'p2pnet_server_refused_connections_total{code="ERR_ACCEPT_RATE"}': 0,
      p2pnet_server_cut_connections_total: 0,
      p2pnet_server_failed_handshakes_total: 0,
      p2pnet_server_slow_peers_total: 0,
      p2pnet_server_received_bytes_total: 150,
      p2pnet_server_sent_bytes_total: 150,
      p2pnet_server_received_messages_total: 15,
      p2pnet_server_sent_messages_total: 15,
    });
  });

  it("counts the peers that do not keep up", async () => {
    await using busy = await BusyServer.open(transport);
    const registry = new Registry();
    using _metrics = prometheusMetrics(busy.server, { registry });
    await busy.echo();
    const [peer] = busy.server.connections;
    while (peer!.open) peer!.send(new Uint8Array(100_000));
    await peer!.closed;
    expect(await scrape(registry)).toMatchObject({
      p2pnet_server_connections: 0,
      p2pnet_server_queued_bytes: 0,
      p2pnet_server_slow_peers_total: 1,
      'p2pnet_server_ended_connections_total{code="ERR_SLOW_PEER"}': 1,
    });
  });
});

/** A server that has counted `connections`, and nothing else. */
function counting(connections: number): { reads: number; stats(): ServerStats } {
  return {
    reads: 0,
    stats() {
      this.reads++;
      return { ...NOTHING, connections, accepted: connections, ended: { none: connections } };
    },
  };
}

describe("a registry", () => {
  it("has each metric with its help and its type, counters with _total", async () => {
    const registry = new Registry();
    prometheusMetrics(counting(1), { registry });
    const { types } = parseScrape(await registry.metrics());
    expect(types).toEqual(
      Object.fromEntries(
        SERVER_METRICS.map(({ name, kind }) => [`p2pnet_server_${name}${kind === "counter" ? "_total" : ""}`, kind]),
      ),
    );
  });

  it("is the one that prom-client calls register, if none is given", async () => {
    const metrics = prometheusMetrics(counting(7));
    expect(await scrape(register)).toMatchObject({ p2pnet_server_connections: 7 });
    metrics.close();
    expect(await scrape(register)).toEqual({});
  });

  it("shows OpenMetrics, too", async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const metrics = prometheusMetrics(counting(7), { registry });
    for (let i = 0; i < 2; i++)
      expect(await registry.metrics()).toContain("p2pnet_server_accepted_connections_total 7\n");
    metrics.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it("asks for the numbers once in a scrape, also in two at once, and never between", async () => {
    const registry = new Registry();
    const server = counting(2);
    prometheusMetrics(server, { registry });
    expect(server.reads).toBe(0);
    const scrapes = await Promise.all([scrape(registry), scrape(registry)]);
    expect(scrapes.map((samples) => samples["p2pnet_server_accepted_connections_total"])).toEqual([2, 2]);
    expect(server.reads).toBe(1);
    await scrape(registry);
    expect(server.reads).toBe(2);
  });

  it("waits for numbers that have to be fetched", async () => {
    const registry = new Registry();
    prometheusMetrics({ stats: async () => counting(5).stats() }, { registry });
    expect(await scrape(registry)).toMatchObject({ p2pnet_server_connections: 5 });
  });

  it("fails a scrape with what the server's stats failed with, and goes on", async () => {
    const registry = new Registry();
    let broken = true;
    const stats = (): ServerStats => {
      if (broken) throw new Error("no numbers");
      return NOTHING;
    };
    prometheusMetrics({ stats }, { registry });
    await expect(registry.metrics()).rejects.toThrow("no numbers");
    broken = false;
    expect(await scrape(registry)).toMatchObject({ p2pnet_server_connections: 0 });
  });

  it("tells several servers apart by their labels, and adds up those that have the same", async () => {
    const registry = new Registry();
    const first = prometheusMetrics(counting(1), { registry, labels: { listener: "tcp" } });
    const second = prometheusMetrics(counting(10), { registry, labels: { listener: "unix" } });
    const third = prometheusMetrics(counting(100), { registry, labels: { listener: "unix" } });
    expect(await scrape(registry)).toMatchObject({
      'p2pnet_server_connections{listener="tcp"}': 1,
      'p2pnet_server_connections{listener="unix"}': 110,
      'p2pnet_server_ended_connections_total{listener="unix",code="none"}': 110,
    });
    second.close();
    first.close();
    first.close();
    const samples = await scrape(registry);
    expect(samples['p2pnet_server_connections{listener="unix"}']).toBe(100);
    expect(Object.keys(samples).filter((key) => key.includes("tcp"))).toEqual([]);
    third.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it("tells several servers apart by their prefixes", async () => {
    const registry = new Registry();
    prometheusMetrics(counting(1), { registry, prefix: "chat_" });
    prometheusMetrics(counting(2), { registry, prefix: "files_", labels: { disk: "a" } });
    expect(await scrape(registry)).toMatchObject({ chat_connections: 1, 'files_connections{disk="a"}': 2 });
  });

  it("refuses a name that somebody else has taken there, and takes none itself", () => {
    const registry = new Registry();
    new Counter({ name: "p2pnet_server_sent_messages_total", help: "taken", registers: [registry] });
    expect(codeOf(() => prometheusMetrics(counting(1), { registry }))).toBe("ERR_METRIC_EXISTS");
    expect(registry.getMetricsAsArray()).toHaveLength(1);
  });

  it("refuses other labels than the servers have that it shows already", () => {
    const registry = new Registry();
    prometheusMetrics(counting(1), { registry, labels: { a: "1", b: "2" } });
    prometheusMetrics(counting(1), { registry, labels: { b: "1", a: "2" } });
    expect(codeOf(() => prometheusMetrics(counting(1), { registry, labels: { a: "1" } }))).toBe("ERR_METRIC_EXISTS");
  });

  it.each([
    { prefix: "" },
    { prefix: "p2pnet.server." },
    { prefix: "1_" },
    { labels: { code: "1" } },
    { labels: { "a-b": "1" } },
    { labels: { __a: "1" } },
  ])("refuses %j", (options) => {
    const registry = new Registry();
    expect(codeOf(() => prometheusMetrics(counting(1), { registry, ...options }))).toBe("ERR_INVALID_ARG_VALUE");
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});

describe("metrics that are closed", () => {
  it("leave nothing behind, and others alone", async () => {
    await using busy = await BusyServer.open();
    const registry = new Registry();
    new Counter({ name: "mine_total", help: "mine", registers: [registry] });
    {
      using _metrics = prometheusMetrics(busy.server, { registry });
      expect(registry.getMetricsAsArray()).toHaveLength(1 + SERVER_METRICS.length);
    }
    expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(["mine_total"]);
    using _again = prometheusMetrics(busy.server, { registry });
    await busy.echo();
    expect(await scrape(registry)).toMatchObject({ p2pnet_server_connections: 1, mine_total: 0 });
  });

  it("leave alone what has taken their names meanwhile", () => {
    const registry = new Registry();
    const metrics = prometheusMetrics(counting(1), { registry });
    registry.clear();
    prometheusMetrics(counting(2), { registry });
    metrics.close();
    expect(registry.getMetricsAsArray()).toHaveLength(SERVER_METRICS.length);
  });

  it("never had anybody listen on the diagnostics channels: what is counted is counted anyway", async () => {
    await using busy = await BusyServer.open();
    using _metrics = prometheusMetrics(busy.server, { registry: new Registry() });
    expect(CHANNELS.filter((name) => channel(name).hasSubscribers)).toEqual([]);
  });
});
