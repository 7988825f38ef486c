#!/usr/bin/env node
import { CommanderError } from "commander";
import { parseArguments, type ServerArguments } from "./arguments.js";
import { serveBlocking } from "./blocking-server.js";
import { serveChat } from "./chat-server.js";
import { serveEcho } from "./echo-server.js";
import type { ServerEvent } from "./events.js";
import { describeFailure } from "./failure.js";
import { lineWriter } from "./output.js";
import { ServerLog } from "./server-log.js";
import { StopRequest } from "./stop-request.js";
import { textLine } from "./text-lines.js";

try {
  await serve(parseArguments(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}

async function serve(options: ServerArguments): Promise<void> {
  using stop = new StopRequest();
  const writeLine = lineWriter(process.stdout, stop.request);
  const log = new ServerLog(options.json ? await jsonReport(writeLine) : (event) => writeLine(textLine(event)));
  const serveMode = { echo: serveEcho, chat: serveChat, blocking: serveBlocking }[options.mode];
  try {
    await serveMode(options, log, stop.signal);
  } catch (error) {
    if (error !== stop.signal.reason) {
      console.error(`async-server: ${describeFailure(error, options.host, options.port)}`);
      process.exitCode = 1;
      return;
    }
  }
  log.stopped();
}

async function jsonReport(writeLine: (line: string) => void): Promise<(event: ServerEvent) => void> {
  // Loaded only here: the library for logs takes longer to load than everything else takes to start.
  const { jsonLines } = await import("./json-lines.js");
  return jsonLines(writeLine);
}
