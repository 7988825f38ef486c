import type { Child } from "./child.js";
import { atMost, type Finding } from "./finding.js";
import { patternedFrame } from "./frames.js";
import { cpuSeconds } from "./process-readings.js";
import { type RawClients, readBytes } from "./raw-clients.js";
import type { SubjectReport } from "./subject/setup.js";

/** From connecting to its first echo, behind whoever is in the queue already. */
const NEWCOMER_MS = 1_000;
const NEWCOMER_LIMIT_MS = 5_000;

/** What a case works with: the server that it abuses, clients to do it with, and where it states what it saw. */
export class Stage {
  readonly findings: Finding[] = [];
  readonly size: number;
  readonly port: number;
  readonly clients: RawClients;
  readonly subject: Child;

  constructor(size: number, subject: Child, clients: RawClients) {
    this.size = size;
    this.port = subject.ready as number;
    this.subject = subject;
    this.clients = clients;
  }

  /** States figures beside their bounds. */
  state(...findings: readonly Finding[]): void {
    this.findings.push(...findings);
  }

  report(): Promise<SubjectReport> {
    return this.subject.ask<SubjectReport>("report");
  }

  /** The first report that is as wanted, or the last one before the time was up. */
  async reportWhen(wanted: (report: SubjectReport) => boolean, limitMs: number): Promise<SubjectReport> {
    const end = performance.now() + limitMs;
    for (;;) {
      const report = await this.report();
      if (wanted(report) || performance.now() > end) return report;
      await pass(20);
    }
  }

  /** The same, once only the client that does nothing wrong is left. */
  reportWhenAlone(limitMs: number): Promise<SubjectReport> {
    return this.reportWhen(({ open }) => open <= 1, limitMs);
  }

  /** Leaves everything as it stands for a while, and states the CPU time that the server takes meanwhile. */
  async standStill(ms: number, mostPercent: number): Promise<void> {
    const before = cpuSeconds(this.subject.pid);
    const start = performance.now();
    await pass(ms);
    const percent = ((cpuSeconds(this.subject.pid) - before) / (performance.now() - start)) * 1000 * 100;
    this.state(atMost("CPU while all stand still", mostPercent, percent, "% of a core"));
  }

  /** Whether somebody new is served now; states how long it took. */
  async newcomer(): Promise<void> {
    const start = performance.now();
    let took = Number.POSITIVE_INFINITY;
    try {
      const socket = await this.clients.open();
      const hello = patternedFrame(32);
      socket.write(hello);
      if ((await readBytes(socket, hello.length, NEWCOMER_LIMIT_MS)).equals(hello)) took = performance.now() - start;
      socket.destroy();
    } catch {
      // Not served: that is what is stated.
    }
    this.state(atMost("a newcomer is served after", NEWCOMER_MS, took, "ms"));
  }
}

/** Lets time go by, where the going by is what is measured. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
