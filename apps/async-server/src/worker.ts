import { workerContext } from "@p2pnet/connection";
import { chatting, type Relay } from "./chat-server.js";
import { echoing } from "./echo-server.js";
import { eventLines } from "./event-lines.js";
import { lineWriter } from "./output.js";
import { loadSecurity } from "./security.js";
import { clientOf, listenOptions, openLoop } from "./serve-clients.js";
import { ServerLog } from "./server-log.js";
import { Totals } from "./totals.js";
import type { WorkerTask } from "./workers-server.js";

const worker = workerContext<WorkerTask>();
const { options, counts } = worker.data;
// The thread that writes for all of them looks after a reader who is gone.
const writeLine = lineWriter(process.stdout, () => {});
const log = new ServerLog(await eventLines(options.json, writeLine), new Totals(counts));
/** The room of all workers: those of the others are known by their number only. */
const toAllWorkers: Relay = (_members, message, from) => {
  worker.broadcast(message, { except: from });
  return log.totals.connected - 1;
};

const loop = openLoop(options);
const welcome = options.mode === "chat" ? chatting(toAllWorkers, log, options.quiet) : echoing(log, options.quiet);
// Each worker reads the files for itself: keys are not passed between threads.
const security = options.security === null ? null : await loadSecurity(options.security, process.env);
const settings = { ...listenOptions(options, security), loop };
const server = await worker.listen(settings, (peer) => welcome(peer, clientOf(peer, log)));
server.onError = (error) => log.serverError(error);
await loop.run();
loop.close();
