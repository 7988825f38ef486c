import type { AbuseCase, Bounds } from "./abuse-case.js";
import { Child } from "./child.js";
import { AbuseError } from "./errors.js";
import { atMost, bothAtMost, exactly, type Finding } from "./finding.js";
import { patternedFrame } from "./frames.js";
import type { PingReport, PingSetup } from "./ping/setup.js";
import { cpuSeconds, forgetPeak, openDescriptors, peakBytes, residentBytes } from "./process-readings.js";
import { RawClients, readBytes, within } from "./raw-clients.js";
import { pass, Stage } from "./stage.js";
import type { SubjectKind, SubjectReport, SubjectSetup } from "./subject/setup.js";

const MIB = 1024 * 1024;
const PING_INTERVAL_MS = 3;
/** Most JavaScript memory that may be left after everybody has gone: compiled code, not connections. */
const KEPT_MIB = 1.5;
const SETTLE_MS = 5_000;
const CASE_LIMIT_MS = 120_000;

/** What a server made of a case. */
export interface Outcome {
  readonly findings: readonly Finding[];
  /** Why it could not be carried through, or null. */
  readonly failure: string | null;
}

/**
 * Abuses one server. Every figure is taken from outside, or from its own counts.
 *
 * @param calmPort where a server listens that nobody abuses
 */
export async function runCase(abuse: AbuseCase, kind: SubjectKind, size: number, calmPort: number): Promise<Outcome> {
  const setup: SubjectSetup = { behaviour: "echo", limits: {}, sends: 0, ...abuse.server, kind };
  const children: Child[] = [];
  let stage: Stage | null = null;
  let clients: RawClients | null = null;
  try {
    const subject = await Child.start("subject/main", setup, { descriptors: abuse.descriptors });
    children.push(subject);
    clients = new RawClients(subject.ready as number);
    const pingSetup: PingSetup = { port: subject.ready as number, calmPort, intervalMs: PING_INTERVAL_MS };
    const ping = await Child.start("ping/main", pingSetup);
    children.push(ping);
    stage = new Stage(size, subject, clients);
    await warmUp(stage);
    await measure(abuse, stage, ping);
    return { findings: stage.findings, failure: null };
  } catch (error) {
    if (!(error instanceof AbuseError)) throw error;
    return { findings: stage?.findings ?? [], failure: error.message };
  } finally {
    clients?.closeAll();
    await Promise.all(children.map((child) => child.stop()));
  }
}

/** Has the server compile its code and grow its heap on what is no abuse, so that neither counts as growth. */
async function warmUp(stage: Stage): Promise<void> {
  const messages = Buffer.concat([patternedFrame(32), patternedFrame(65_536), patternedFrame(1_000)]);
  for (let round = 0; round < 8; round++) {
    await stage.clients.each(
      20,
      async (socket) => {
        socket.write(messages);
        await readBytes(socket, messages.length, SETTLE_MS);
        if (round % 2 === 0) socket.destroy();
        else socket.resetAndDestroy();
      },
      20,
    );
  }
  await stage.reportWhenAlone(SETTLE_MS);
}

async function measure(abuse: AbuseCase, stage: Stage, ping: Child): Promise<void> {
  const { subject, clients, size } = stage;
  const { pid } = subject;
  const limits = abuse.bounds(size);
  const heapBefore = await subject.ask<number>("collect");
  await subject.ask("arm");
  await ping.ask<PingReport>("report");
  const descriptorsBefore = openDescriptors(pid);
  const residentBefore = residentBytes(pid);
  const cpuBefore = cpuSeconds(pid);
  const reportBefore = await stage.report();
  forgetPeak(pid);

  const dead = subject.ended.then(() => {
    throw new AbuseError("ERR_CHILD", `the server has died: ${subject.obituary}`);
  });
  dead.catch(() => {});
  await within(CASE_LIMIT_MS, abuse.name, Promise.race([abuse.run(stage), dead]));
  const cpu = cpuSeconds(pid) - cpuBefore;
  const pings = await ping.ask<PingReport>("report");
  clients.closeAll();
  const descriptors = await descriptorsLeft(pid, descriptorsBefore);
  await stage.reportWhenAlone(SETTLE_MS);
  const peak = peakBytes(pid) - residentBefore;
  const kept = (await subject.ask<number>("collect")) - heapBefore;
  const report = await stage.report();
  stage.state(
    ...costs(limits, { peak, kept, descriptors, cpu, pings }),
    ...faults(abuse, reportBefore, report, pings).filter(({ holds }) => !holds),
  );
}

interface Costs {
  readonly peak: number;
  readonly kept: number;
  readonly descriptors: number;
  readonly cpu: number;
  readonly pings: PingReport;
}

function costs(limits: Bounds, { peak, kept, descriptors, cpu, pings }: Costs): Finding[] {
  return [
    bothAtMost(
      "memory, growth at its peak / kept",
      "MiB",
      [limits.memoryMiB, KEPT_MIB],
      [Math.max(0, peak / MIB), Math.max(0, kept / MIB)],
    ),
    exactly("descriptors that are left", 0, descriptors),
    atMost("CPU time of the server", limits.cpuSeconds, cpu, "s"),
    roundTrips(limits, pings),
  ];
}

/**
 * How often the processes that a round trip goes through may have to wait for a processor as long as the one of a calm
 * server: with nobody else on the machine that is next to nothing.
 */
const WAITS = 5;

/** Of fewer the 99th percentile is the worst of all, or one of two. */
const PERCENTILE_PINGS = 300;

/** The bound is that of a quiet machine, and what a server that nobody abuses shows the machine to be short of. */
function roundTrips({ pingP99Ms, pingWorstMs }: Bounds, { abused, calm }: PingReport): Finding {
  return bothAtMost(
    "another client's round trip, p99 / worst",
    "ms",
    [pingP99Ms + WAITS * calm.p99, pingWorstMs + WAITS * calm.worst],
    [abused.count < PERCENTILE_PINGS ? null : abused.p99, abused.worst],
  );
}

/** What must not be in any case; named only where it is. */
function faults(abuse: AbuseCase, before: SubjectReport, after: SubjectReport, { abused }: PingReport): Finding[] {
  return [
    exactly("messages delivered that were not whole", 0, after.wrong - before.wrong),
    exactly("connections that are left", 1, after.open),
    exactly("wrong echoes to the other client", 0, abused.wrong),
    exactly("the other client was let down", 0, abused.failure === null ? 0 : 1),
    ...(abuse.throws ? [] : [exactly("uncaught exceptions", 0, after.uncaught - before.uncaught)]),
  ];
}

/** Those above what there was before: once there are none, or when the time is up. */
async function descriptorsLeft(pid: number, before: number): Promise<number> {
  const end = performance.now() + SETTLE_MS;
  for (;;) {
    const left = openDescriptors(pid) - before;
    if (left <= 0 || performance.now() > end) return Math.max(0, left);
    await pass(20);
  }
}
