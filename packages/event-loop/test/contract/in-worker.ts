import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";
import type { Mailbox } from "../../src/index.js";
import { programOf, type WorkerContext } from "./program.js";
import { ProgramFolder } from "./program-folder.js";
import type { Subject } from "./subject.js";

const TELL = "(value) => threads.parentPort.postMessage(value)";

/**
 * Runs `program` in a Worker of its own, against the built package. It is handed over as text, so it may use nothing from
 * around it but its parameter, which has the mailbox's address and what is given. The Worker is terminated when the test is over, unless its subject's may not be.
 */
export function startWorker(
  subject: Subject,
  program: (context: WorkerContext) => unknown,
  { mailbox, given }: { readonly mailbox?: Mailbox; readonly given?: unknown } = {},
): Worker {
  const folder = new ProgramFolder({ "program.js": programOf(subject, `${program}`, TELL) });
  const address = mailbox?.address();
  const worker = new Worker(folder.url("program.js"), {
    workerData: { address, given },
    ...(address && { transferList: [address.port] }),
  });
  worker.once("exit", () => folder.remove());
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
