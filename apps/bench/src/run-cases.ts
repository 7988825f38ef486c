import type { BenchCase } from "./cases.js";
import { mostConnections } from "./descriptor-limit.js";
import { BenchError } from "./errors.js";
import { type MeasureOptions, measure } from "./measure.js";
import { type Peer, serverMode } from "./peers.js";
import { progress } from "./progress.js";
import type { CaseReport, SkippedPeer } from "./report.js";
import { runRounds } from "./rounds.js";
import { startServer } from "./server-process.js";
import { summarize } from "./summary.js";

/**
 * Starts every peer once: one that is not installed here, or whose backend the system lacks, is named, never counted.
 *
 * @throws BenchError `ERR_SERVER` if one is there and does not start all the same
 */
export async function tryPeers(peers: readonly Peer[]): Promise<{ ready: Peer[]; skipped: SkippedPeer[] }> {
  const ready: Peer[] = [];
  const skipped: SkippedPeer[] = [];
  for (const peer of peers) {
    const reason = peer.missing ?? (await reasonNotToStart(peer));
    if (reason === undefined) {
      ready.push(peer);
    } else {
      skipped.push({ name: peer.name, reason });
      console.error(`bench: skipped ${peer.name}: ${reason}`);
    }
  }
  return { ready, skipped };
}

async function reasonNotToStart(peer: Peer): Promise<string | undefined> {
  try {
    const server = await startServer(peer);
    await server.stop();
    return undefined;
  } catch (error) {
    if (error instanceof BenchError && error.code === "ERR_BACKEND") return error.message.replace(`${peer.name}: `, "");
    throw error;
  }
}

/** Measures those of the peers that can take part in a case, and says why the others do not. */
export async function runCase(
  benchCase: BenchCase,
  peers: readonly Peer[],
  rounds: number,
  options: MeasureOptions,
): Promise<CaseReport> {
  const fitting = new Map<string, Peer>();
  const skipped: SkippedPeer[] = [];
  for (const peer of peers.filter(({ name }) => benchCase.peers.test(name))) {
    const reason = reasonNotToTakePart(peer, benchCase);
    if (reason === undefined) fitting.set(peer.name, peer);
    else skipped.push({ name: peer.name, reason });
  }
  const samples = await runRounds([...fitting.keys()], rounds, (name, round) => {
    progress(`${benchCase.name}: round ${round + 1} of ${rounds}, ${name}`);
    return measure(fitting.get(name)!, benchCase, options);
  });
  progress("");
  const baseline = samples.get(benchCase.baseline);
  return {
    benchCase,
    peers: [...samples].map(([name, own]) => summarize(name, benchCase.metrics, own, baseline)),
    skipped,
  };
}

function reasonNotToTakePart(peer: Peer, benchCase: BenchCase): string | undefined {
  const connections = benchCase.connections + benchCase.idle;
  const mode = serverMode(benchCase);
  const most = mostConnections();
  if (peer.modes[mode] === undefined) return `has no ${mode} server`;
  if (peer.connectionsAtOnce < connections) return `serves ${peer.connectionsAtOnce} connection at a time`;
  if (most < connections) return `needs ${connections} descriptors, the system allows ${most}`;
  return undefined;
}
