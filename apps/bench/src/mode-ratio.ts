import type { ClientReport } from "./client-report.js";
import { runClients } from "./concurrent-clients.js";
import { BenchError } from "./errors.js";
import { asyncServer, blockingServer, type Peer } from "./peers.js";
import { runRounds } from "./rounds.js";
import { startServer } from "./server-process.js";
import { ratiosPerRound, type Spread, spread } from "./statistics.js";

export const MODE_CLIENTS = 10;
export const MODE_MESSAGES = 20;

/**
 * Throughput of our server in echo mode divided by that of the one that serves a client at a time, by round. Each server
 * is new, as is each set of clients: in blocking mode the clients wait in the backlog until those before them leave.
 */
export async function measureModeRatio(rounds: number): Promise<Spread> {
  const servers: Record<string, Peer> = { echo: asyncServer("echo mode", "epoll"), blocking: blockingServer() };
  const reports = await runRounds(Object.keys(servers), rounds, (mode) => runAgainst(servers[mode]!));
  const throughputs = (mode: string): number[] => reports.get(mode)!.map((report) => report.throughput);
  return spread(ratiosPerRound(throughputs("echo"), throughputs("blocking")));
}

async function runAgainst(peer: Peer): Promise<ClientReport> {
  if (peer.missing !== undefined) throw new BenchError("ERR_SERVER", peer.missing);
  const server = await startServer(peer);
  try {
    const amounts = ["--clients", MODE_CLIENTS, "--messages", MODE_MESSAGES, "--port", server.port].map(String);
    const report = await runClients(amounts);
    if (report.successRate !== 1) {
      throw new BenchError(
        "ERR_CLIENTS",
        `${peer.name}: expected every message back, got ${report.successRate * 100} %`,
      );
    }
    return report;
  } finally {
    await server.stop();
  }
}
