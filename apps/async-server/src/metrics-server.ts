import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerStatsSource } from "@p2pnet/metrics";
import { prometheusMetrics } from "@p2pnet/metrics/prometheus";
import { Registry } from "prom-client";
import { MetricsPortError } from "./failure.js";

/** An HTTP server that Prometheus asks, at `/metrics`. */
export interface MetricsServer extends AsyncDisposable {
  readonly address: AddressInfo;
}

/** @throws MetricsPortError */
export async function serveMetrics(source: ServerStatsSource, host: string, port: number): Promise<MetricsServer> {
  const registry = new Registry();
  prometheusMetrics(source, { registry });
  const server = createServer((request, response) => void answer(request, response, registry));
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw new MetricsPortError(port, error);
  }
  return { address: server.address() as AddressInfo, [Symbol.asyncDispose]: () => close(server) };
}

async function answer({ method, url }: IncomingMessage, response: ServerResponse, registry: Registry): Promise<void> {
  if (url?.split("?")[0] !== "/metrics") {
    response.writeHead(404).end("expected /metrics\n");
  } else if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end("expected GET\n");
  } else {
    try {
      const text = await registry.metrics();
      response.writeHead(200, { "content-type": registry.contentType }).end(text);
    } catch {
      response.writeHead(500).end("the server could not tell\n");
    }
  }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
