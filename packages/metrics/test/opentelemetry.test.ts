import { type CollectionResult, DataPointType, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import type { ServerStats } from "@p2pnet/connection";
import { describe, expect, it } from "vitest";
import { SERVER_METRICS } from "../src/index.js";
import { openTelemetryMetrics } from "../src/opentelemetry.js";
import { BusyServer } from "./busy-server.js";

/** Collects when it is asked. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

interface Collected {
  readonly unit: string;
  readonly monotonic: boolean;
  /** By their attributes, as JSON. */
  readonly values: Readonly<Record<string, unknown>>;
}

function byName({ resourceMetrics, errors }: CollectionResult): Record<string, Collected> {
  expect(errors).toEqual([]);
  const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  return Object.fromEntries(
    metrics.map(({ descriptor: { name, unit }, dataPointType, dataPoints, ...rest }) => {
      expect(dataPointType).toBe(DataPointType.SUM);
      const monotonic = "isMonotonic" in rest && rest.isMonotonic;
      const values = dataPoints.map(({ attributes, value }) => [JSON.stringify(attributes), value]);
      return [name, { unit, monotonic, values: Object.fromEntries(values) }];
    }),
  );
}

describe("a meter", () => {
  it.each(["native", "node"] as const)("shows what a server over transport %s counts", async (transport) => {
    const reader = new Reader();
    const provider = new MeterProvider({ readers: [reader] });
    await using busy = await BusyServer.open(transport, 1);
    using _metrics = openTelemetryMetrics(busy.server, provider.getMeter("test"));
    (await busy.echo(3)).abort();
    await busy.until("a reset", ({ ended }) => ended["ECONNRESET"] === 1);
    await busy.echo(2);
    await busy.refused();

    const collected = byName(await reader.collect());
    expect(Object.keys(collected)).toEqual(SERVER_METRICS.map(({ name }) => `p2pnet.server.${name}`));
    for (const { name, unit, kind } of SERVER_METRICS) {
      expect(collected[`p2pnet.server.${name}`]).toMatchObject({ unit, monotonic: kind === "counter" });
    }
    expect(collected["p2pnet.server.connections"]!.values).toEqual({ "{}": 1 });
    expect(collected["p2pnet.server.received_bytes"]!.values).toEqual({ "{}": 50 });
    expect(collected["p2pnet.server.ended_connections"]!.values).toEqual({
      '{"code":"none"}': 0,
      '{"code":"ECONNRESET"}': 1,
    });
    expect(collected["p2pnet.server.refused_connections"]!.values).toMatchObject({
      '{"code":"ERR_TOO_MANY_CONNECTIONS"}': 1,
    });
    await provider.shutdown();
  });

  it("tells several servers apart by their attributes", async () => {
    const reader = new Reader();
    const provider = new MeterProvider({ readers: [reader] });
    const meter = provider.getMeter("test");
    await using one = await BusyServer.open();
    await using other = await BusyServer.open();
    await one.echo();
    using _first = openTelemetryMetrics(one.server, meter, { prefix: "chat.", attributes: { listener: "a" } });
    using _second = openTelemetryMetrics(other.server, meter, { prefix: "chat.", attributes: { listener: "b" } });
    expect(byName(await reader.collect())["chat.connections"]!.values).toEqual({
      '{"listener":"a"}': 1,
      '{"listener":"b"}': 0,
    });
    await provider.shutdown();
  });

  it("asks for the numbers once in a collection, never between, and not after the close", async () => {
    const reader = new Reader();
    const provider = new MeterProvider({ readers: [reader] });
    await using busy = await BusyServer.open();
    let reads = 0;
    const stats = async (): Promise<ServerStats> => {
      reads++;
      return busy.server.stats();
    };
    const metrics = openTelemetryMetrics({ stats }, provider.getMeter("test"));
    expect(reads).toBe(0);
    await reader.collect();
    expect(reads).toBe(1);
    metrics.close();
    metrics.close();
    await reader.collect();
    expect(reads).toBe(1);
    await provider.shutdown();
  });
});
