import { availableBackends } from "@p2pnet/event-loop";
import { type ClientsRow, clientsRow, formatClientsTable } from "./clients-table.js";
import { runClients } from "./concurrent-clients.js";
import { MODE_CLIENTS, MODE_MESSAGES, measureModeRatio } from "./mode-ratio.js";
import { progress } from "./progress.js";
import { formatSpread } from "./report.js";
import { runRounds } from "./rounds.js";

const CLIENTS = [10, 50, 100, 500];
const BACKENDS = ["epoll", "poll", "libuv"];
const MESSAGES = 20;

export interface TableOptions {
  readonly rounds: number;
  readonly json?: boolean;
}

/** Prints the README's table of concurrent clients, and the ratio of echo mode to blocking mode. Needs no C. */
export async function tableCommand({ rounds, json }: TableOptions): Promise<void> {
  const backends = usableBackends();
  const rows: ClientsRow[] = [];
  for (const clients of CLIENTS) {
    const reports = await runRounds(backends, rounds, (backend, round) => {
      progress(`${clients} clients: round ${round + 1} of ${rounds}, ${backend}`);
      return runClients(clientArgs(clients, backend));
    });
    rows.push(...[...reports].map(([backend, runs]) => clientsRow(clients, backend, runs)));
  }
  progress("echo mode against blocking mode");
  const echoToBlocking = await measureModeRatio(rounds);
  progress("");
  if (json) {
    console.log(JSON.stringify({ rounds, messages: MESSAGES, rows, echoToBlocking }));
    return;
  }
  console.log(`${formatClientsTable(rows)}\n`);
  console.log(
    `Throughput of echo mode to blocking mode, ${MODE_CLIENTS} clients x ${MODE_MESSAGES} messages, ` +
      `median of ${rounds} rounds (quartiles): ${formatSpread(echoToBlocking)}`,
  );
}

function clientArgs(clients: number, backend: string): string[] {
  return ["--clients", String(clients), "--messages", String(MESSAGES), "--backend", backend];
}

/** A backend that this system or this build lacks is named, never counted. One that is there and fails, fails the run. */
function usableBackends(): string[] {
  const available: readonly string[] = availableBackends();
  for (const backend of BACKENDS) {
    if (!available.includes(backend)) console.error(`bench: skipped backend ${backend}: it does not run here`);
  }
  return BACKENDS.filter((backend) => available.includes(backend));
}
