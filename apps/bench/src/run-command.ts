import { type BenchCase, CASES } from "./cases.js";
import { compileNativePrograms } from "./compile.js";
import { BenchError } from "./errors.js";
import { describeMachine, formatMachine, requireLinux } from "./machine.js";
import { measure } from "./measure.js";
import { BASELINE, describePeers, PEER_NAMES, type Peer, type PeerName } from "./peers.js";
import { progress } from "./progress.js";
import { type CaseReport, formatCase, type SkippedPeer } from "./report.js";
import { runRounds } from "./rounds.js";
import { startServer } from "./server-process.js";
import { summarize } from "./summary.js";

export interface RunOptions {
  /** Case names; all when absent. */
  readonly case?: readonly string[];
  /** Peer names; all when absent. The baseline takes part in any case. */
  readonly peer?: readonly PeerName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly json?: boolean;
}

/** Measures the chosen peers in the chosen cases and prints a report on stdout. */
export async function runCommand(options: RunOptions): Promise<void> {
  requireLinux();
  const programs = await compileNativePrograms();
  const wanted = PEER_NAMES.filter((name) => name === BASELINE || (options.peer ?? PEER_NAMES).includes(name));
  const { ready, skipped } = await tryPeers(wanted.map((name) => describePeers(programs)[name]));
  const machine = describeMachine(programs.compiler);
  if (!options.json) console.log(`${formatMachine(machine)}\n`);

  const reports: CaseReport[] = [];
  for (const benchCase of CASES.filter(({ name }) => options.case?.includes(name) ?? true)) {
    const report = await runCase(benchCase, ready, programs.load, options);
    reports.push({ ...report, skipped: [...skipped, ...report.skipped] });
    if (!options.json) console.log(`${formatCase(reports.at(-1)!, options.rounds)}\n`);
  }
  if (options.json) {
    const { rounds, seconds, warmup } = options;
    console.log(JSON.stringify({ machine, rounds, seconds, warmup, baseline: BASELINE, cases: reports }));
  }
}

/** Starts every peer once: one that cannot run here is named, never counted. The baseline must run. */
async function tryPeers(peers: readonly Peer[]): Promise<{ ready: Peer[]; skipped: SkippedPeer[] }> {
  const ready: Peer[] = [];
  const skipped: SkippedPeer[] = [];
  for (const peer of peers) {
    const reason = peer.missing ?? (await reasonNotToStart(peer));
    if (reason === undefined) {
      ready.push(peer);
    } else if (peer.name === BASELINE) {
      throw new BenchError("ERR_SERVER", reason);
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
    if (error instanceof BenchError) return error.message.replace(`${peer.name}: `, "");
    throw error;
  }
}

async function runCase(
  benchCase: BenchCase,
  peers: readonly Peer[],
  load: string,
  { rounds, seconds, warmup: warmupSeconds }: RunOptions,
): Promise<CaseReport> {
  const fitting = new Map(
    peers.filter((peer) => peer.connectionsAtOnce >= benchCase.connections).map((peer) => [peer.name, peer]),
  );
  const samples = await runRounds([...fitting.keys()], rounds, (name, round) => {
    progress(`${benchCase.name}: round ${round + 1} of ${rounds}, ${name}`);
    return measure(fitting.get(name)!, benchCase, { load, seconds, warmupSeconds });
  });
  progress("");
  return {
    benchCase,
    peers: [...samples].map(([name, own]) => summarize(name, own, samples.get(BASELINE)!)),
    skipped: peers
      .filter((peer) => !fitting.has(peer.name))
      .map(({ name, connectionsAtOnce }) => ({ name, reason: `serves ${connectionsAtOnce} connection at a time` })),
  };
}
