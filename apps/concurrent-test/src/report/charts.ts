import { type CustomSeriesRenderItemAPI, type EChartsOption, init } from "echarts";
import type { Lanes } from "./lanes.js";
import type { LatencySpread } from "./latency-spread.js";
import type { Throughput } from "./throughput.js";

const WIDTH = 960;
const SENT = "#ddaa33";
const RECEIVED = "#004488";

/** How many messages took how long: bars over a logarithmic axis of time. */
export function histogramChart(latency: LatencySpread): string {
  const steps = latency.steps();
  return draw(300, {
    grid: { left: 80, right: 30, top: 20, bottom: 50 },
    xAxis: { type: "category", name: "latency, ms", ...middle, data: steps.map(({ to }) => short(to)) },
    yAxis: { type: "value", name: "messages" },
    series: [
      { type: "bar", barCategoryGap: "5%", itemStyle: { color: RECEIVED }, data: steps.map((step) => step.count) },
    ],
  });
}

/** The latency that a share of the messages stayed below. Each step to the right leaves a tenth of them. */
export function percentileChart(latency: LatencySpread): string {
  const points = latency.percentiles();
  const lastBeforeAll = 1 - 1 / Math.max(10, latency.count);
  const left = (share: number): number => 1 / (1 - Math.min(share, lastBeforeAll));
  return draw(300, {
    grid: { left: 80, right: 30, top: 20, bottom: 50 },
    xAxis: {
      type: "log",
      name: "percentile",
      ...middle,
      min: 1,
      axisLabel: { formatter: (at: number) => `${Number((100 - 100 / at).toPrecision(8))} %` },
    },
    yAxis: { type: "log", name: "ms", min: "dataMin", axisLabel: { formatter: short } },
    series: [
      {
        type: "line",
        step: "end",
        symbol: "none",
        lineStyle: { color: RECEIVED },
        data: points.map(([share, ms]) => [left(share), ms]),
      },
    ],
  });
}

/** Messages a second, sent and answered, over the time of the test. */
export function throughputChart(sent: Throughput, received: Throughput): string {
  const line = (name: string, color: string, data: [number, number][]) => ({
    type: "line" as const,
    name,
    symbol: "none",
    lineStyle: { color, width: 1 },
    itemStyle: { color },
    data,
  });
  return draw(300, {
    legend: { top: 0, right: 30 },
    grid: { left: 80, right: 30, top: 40, bottom: 50 },
    xAxis: { type: "value", name: "ms since the first message", ...middle, max: nextMillisecond },
    yAxis: { type: "value", name: "messages/s" },
    series: [line("sent", SENT, sent.rates()), line("answered", RECEIVED, received.rates())],
  });
}

/** A lane for each client, a bar for each message from when it was sent, or due, to when it was answered. */
export function lanesChart(lanes: Lanes): string {
  const { clients, spans } = lanes;
  const rowOf = new Map(clients.map((client, row) => [client, row]));
  const renderItem = (_: unknown, api: CustomSeriesRenderItemAPI) => {
    const [x = 0, y = 0] = api.coord([api.value(0), api.value(2)]);
    const [end = 0] = api.coord([api.value(1), api.value(2)]);
    const shape = { x, y: y - 4, width: Math.max(1, end - x), height: 8 };
    return { type: "rect" as const, shape, style: { fill: RECEIVED, opacity: 0.6 } };
  };
  return draw(80 + clients.length * 14, {
    grid: { left: 80, right: 30, top: 20, bottom: 50 },
    xAxis: { type: "value", name: "ms since the first message", ...middle, max: nextMillisecond },
    yAxis: { type: "category", name: "client", inverse: true, nameLocation: "start", data: clients.map(String) },
    series: [
      {
        type: "custom",
        renderItem,
        encode: { x: [0, 1], y: 2 },
        data: spans.map(({ client, from, to }) => [from, to, rowOf.get(client)!]),
      },
    ],
  });
}

const middle = { nameLocation: "middle" as const, nameGap: 30 };

function nextMillisecond({ max }: { max: number }): number {
  return Math.ceil(max);
}

function short(ms: number): string {
  return Number(ms.toPrecision(2)).toString();
}

/** An SVG element; needs no browser. */
function draw(height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
