import { Child } from "../child.js";
import { machine } from "../machine.js";
import { openDescriptors, requireProc, residentBytes } from "../process-readings.js";
import { record as recordPart } from "../reliability-page.js";
import { pass } from "../stage.js";
import type { SubjectReport, SubjectSetup } from "../subject/setup.js";
import { formatFindings } from "../table.js";
import { judgeFlatness, type Sample, type SoakEnd } from "./flatness.js";
import type { SoakSetup, SoakTraffic } from "./setup.js";

const MIB = 1024 * 1024;
const SAMPLE_EVERY_MS = 5_000;
const FEWEST_SAMPLES = 12;
const LEAVE_MS = 15_000;

export interface SoakOptions {
  readonly minutes: number;
  readonly connections: number;
  readonly record?: boolean;
}

/** Runs one server and its clients, samples the server, and judges. */
export async function soak({ minutes, connections, record }: SoakOptions): Promise<void> {
  requireProc();
  const setup: SubjectSetup = { kind: "p2pnet", behaviour: "echo", limits: {}, sends: 0 };
  const server = await Child.start("subject/main", setup);
  const clientSetup: SoakSetup = { port: server.ready as number, connections: Math.round(connections) };
  const descriptorsBefore = openDescriptors(server.pid);
  const clients = await Child.start("soak/clients", clientSetup);
  try {
    const samples = await takeSamples(server, clients, minutes * 60_000);
    const traffic = await clients.ask<SoakTraffic>("traffic");
    await clients.ask("leave");
    const end: SoakEnd = { descriptorsBefore, ...(await whenAllHaveLeft(server)), wrong: traffic.wrong };
    const findings = judgeFlatness(samples, end);
    const flat = findings.every(({ holds }) => holds);
    const summary = `${minutes} minutes, ${connections} connections at a time, ${describe(traffic)}`;
    console.log(`${summary}\n${formatFindings(findings, "terminal")}\n${flat ? "flat" : "NOT FLAT"}`);
    if (record) recordPart("soak", `${summary}. ${machine()}.\n\n${formatFindings(findings, "markdown")}`);
    if (!flat) process.exitCode = 1;
  } finally {
    await Promise.all([clients.stop(), server.stop()]);
  }
}

async function takeSamples(server: Child, clients: Child, ms: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const everyMs = Math.min(SAMPLE_EVERY_MS, ms / FEWEST_SAMPLES);
  const start = performance.now();
  while (performance.now() - start < ms) {
    await pass(everyMs);
    const heap = await server.ask<number>("collect");
    const { pid } = server;
    const sample: Sample = { heap, resident: residentBytes(pid), descriptors: openDescriptors(pid) };
    samples.push(sample);
    const { open, echoes } = await clients.ask<SoakTraffic>("traffic");
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(
      `${seconds.padStart(5)} s  heap ${(heap / MIB).toFixed(2)} MiB  resident ${(sample.resident / MIB).toFixed(1)} MiB  ` +
        `${sample.descriptors} descriptors  ${open} clients  ${echoes} echoes`,
    );
  }
  return samples;
}

async function whenAllHaveLeft(server: Child): Promise<Pick<SoakEnd, "descriptorsAfter" | "uncaught">> {
  const end = performance.now() + LEAVE_MS;
  for (;;) {
    const { open, uncaught, wrong } = await server.ask<SubjectReport>("report");
    if (open === 0 || performance.now() > end) {
      return { descriptorsAfter: openDescriptors(server.pid), uncaught: uncaught + wrong };
    }
    await pass(50);
  }
}

const COUNT = new Intl.NumberFormat("en-US");

function describe({ echoes, left, lost }: SoakTraffic): string {
  const ways = Object.entries(left).map(([way, count]) => `${way}: ${COUNT.format(count)}`);
  return `${COUNT.format(echoes)} echoes; clients that left: ${ways.join(", ")}; that were cut off: ${COUNT.format(lost)}`;
}
