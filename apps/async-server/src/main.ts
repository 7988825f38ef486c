#!/usr/bin/env node
import { CommanderError } from "commander";
import { parseArguments, type ServerArguments } from "./arguments.js";
import { serveBlocking } from "./blocking-server.js";
import { serveChat } from "./chat-server.js";
import { serveEcho } from "./echo-server.js";
import { eventLines } from "./event-lines.js";
import { describeFailure } from "./failure.js";

import { oneLine } from "./one-line.js";

import { lineWriter } from "./output.js";
import { loadSecurity, type Security } from "./security.js";
import { ServerLog } from "./server-log.js";
import { StopRequest } from "./stop-request.js";
import { Totals } from "./totals.js";
import { serveInWorkers } from "./workers-server.js";

try {
  await serve(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

async function serve(options: ServerArguments): Promise<void> {
  let security: Security | null = null;
  try {
    if (options.security !== null) security = await loadSecurity(options.security, process.env);
  } catch (error) {
    console.error(`async-server: ${oneLine(error instanceof Error ? error.message : String(error))}`);
    process.exitCode = 1;
    return;
  }
  using stop = new StopRequest();
  const writeLine = lineWriter(process.stdout, stop.request);
  const counts = new SharedArrayBuffer(8);
  const log = new ServerLog(await eventLines(options.json, writeLine), new Totals(counts));
  const serveMode = { echo: serveEcho, chat: serveChat, blocking: serveBlocking }[options.mode];
  try {
    if (options.workers > 1) await serveInWorkers(options, log, counts, stop.signal, security);
    else await serveMode(options, log, stop.signal, security);
  } catch (error) {
    if (error !== stop.signal.reason) {
      console.error(`async-server: ${describeFailure(error, options.host, options.port)}`);
      process.exitCode = 1;
      return;
    }
  }
  log.stopped();
}
