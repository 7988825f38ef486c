import { once } from "node:events";
import { type MessagePort, Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";
import type { Mailbox, MailboxAddress } from "../../src/index.js";
import { type ProgramContext, writeProgram } from "./program.js";
import type { Subject } from "./subject.js";

/** What a program in a Worker works with. */
export interface WorkerContext extends ProgramContext {
  readonly parentPort: MessagePort;
  /** Where whoever started it is posted to. */
  readonly address: MailboxAddress;
}

/**
 * Runs `program` in a Worker of its own, against the built package. It is handed over as text, so it may use nothing from
 * around it but its parameter. The Worker is terminated when the test is over, unless its subject's may not be.
 */
export function startWorker(subject: Subject, program: (context: WorkerContext) => unknown, mailbox?: Mailbox): Worker {
  const file = writeProgram(
    subject,
    `${program}`,
    "{ tell: (value) => parentPort.postMessage(value), parentPort, ...workerData }",
  );
  const address = mailbox?.address();
  const worker = new Worker(file.url, {
    workerData: { address },
    ...(address && { transferList: [address.port] }),
  });
  worker.once("exit", () => file.remove());
  onTestFinished(async () => {
    if (subject.terminates) await worker.terminate();
  });
  return worker;
}

/** The next value that the Worker's program tells. @throws whatever ended the Worker instead */
export async function toldBy(worker: Worker): Promise<unknown> {
  const [value] = await once(worker, "message");
  return value;
}
