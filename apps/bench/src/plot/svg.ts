import { type EChartsOption, init } from "echarts";

/** One for each server of a full run, far enough apart to be told from its neighbours. */
const COLORS = [
  "#332288",
  "#88ccee",
  "#44aa99",
  "#117733",
  "#999933",
  "#ddcc77",
  "#cc6677",
  "#882255",
  "#aa4499",
  "#777777",
  "#000000",
  "#ee7733",
];

/** Draws a chart as an SVG document; needs no browser. */
export function svg(option: EChartsOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, backgroundColor: "#fff", color: COLORS, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
