import { createRequire } from "node:module";
import { MAX_TIMEOUT_MS } from "@p2pnet/connection";
import { BACKEND_NAMES, type BackendName } from "@p2pnet/event-loop";
import { Command, InvalidArgumentError, Option } from "commander";
import { oneLine } from "./one-line.js";
import { leastSize } from "./payloads.js";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

/** The longest payload that a frame takes by default. */
const MAX_PAYLOAD_BYTES = 1_048_576;
/** The longest that a timer takes. */
const MAX_SECONDS = Math.floor(MAX_TIMEOUT_MS / 1000);

export interface TestArguments {
  /** "chat": every client has to get the messages of all others, instead of its own. */
  readonly mode: "echo" | "chat";
  readonly clients: number;
  /** Messages of each client; Infinity: until `duration` is over. */
  readonly messages: number;
  /** Seconds in which messages are sent. */
  readonly duration?: number;
  /** Messages per second of all clients together, whatever becomes of them. */
  readonly rate?: number;
  /** Seconds over which the clients come. */
  readonly ramp: number;
  /** Bytes of each payload. */
  readonly size?: number;
  /** The payload of every message. */
  readonly text?: string;
  /** Messages of one client that may wait for their echo. */
  readonly depth: number;
  /** Milliseconds between two messages of a client. */
  readonly delay: number;
  readonly host: string;
  /** Without one, a server is started. */
  readonly port?: number;
  readonly backend: BackendName | "auto";
  /** Milliseconds that connecting, and each echo, may take. */
  readonly timeout: number;
  readonly json: boolean;
  readonly quiet: boolean;
  /** The path of a page to write. */
  readonly report?: string;
  /** Encrypted, and both sides show who they are. */
  readonly secure?: boolean;
  /** The path of the clients' key; one is made without it. */
  readonly identity?: string;
  /** Whom the server has to be: a peer id, a public key, or `any`. */
  readonly serverKey?: string;
}

/**
 * Reads the command line, without node and program.
 *
 * @throws CommanderError after --help and --version (exitCode 0), and after a usage error, which it has written to
 * stderr as one line
 */
export function parseArguments(args: readonly string[]): TestArguments {
  const command = new Command("concurrent-test")
    .description(
      "Many clients at once against an echo server or a chat room; every message is compared with what was sent",
    )
    .version(version)
    .addOption(
      new Option("--mode <mode>", "chat: every client has to get the messages of all others, once and in order")
        .choices(["echo", "chat"])
        .default("echo"),
    )
    .option("--clients <count>", "clients, all connected before the first message", wholeNumber(1, 60_000), 10)
    .option("--messages <count>", "messages of each client", wholeNumber(1, 1_000_000_000), 5)
    .addOption(
      new Option("--size <bytes>", "length of each payload")
        .argParser(wholeNumber(1, MAX_PAYLOAD_BYTES))
        .conflicts("text"),
    )
    .option("--text <text>", 'payload of every message instead of "Message 1 from client 8"', payloadText)
    .option("--depth <count>", "messages of a client that may wait for their echo", wholeNumber(1, 1_000_000), 1)
    .option("--delay <milliseconds>", "time between two messages of a client", wholeNumber(0, MAX_TIMEOUT_MS), 0)
    .addOption(
      new Option("--duration <seconds>", "send for so long, instead of --messages")
        .argParser(positive(MAX_SECONDS))
        .conflicts("messages"),
    )
    .addOption(
      new Option("--rate <count>", "messages per second of all clients together, however late the answers come")
        .argParser(positive(1_000_000))
        .conflicts(["depth", "delay"]),
    )
    .addOption(
      new Option("--ramp <seconds>", "clients connect and start one after the other, spread over so long")
        .argParser(positive(MAX_SECONDS))
        .default(0, "none"),
    )
    .option("--host <address>", "address or name of the server", host, "127.0.0.1")
    .option("--port <number>", "port of the server; without it, async-server is started", wholeNumber(1, 65_535))
    .addOption(
      new Option("--backend <name>", "event loop of the clients, and of the server that is started")
        .choices(["auto", ...BACKEND_NAMES])
        .default("auto"),
    )
    .option(
      "--timeout <milliseconds>",
      "how long connecting, and each echo, may take",
      wholeNumber(1, MAX_TIMEOUT_MS),
      5_000,
    )
    .option("--report <file>", "also write a page with charts, which needs nothing but a browser", filePath)
    .option(
      "--secure",
      "encrypted; the server that is started and the clients know each other by keys made for the test",
    )
    .option(
      "--identity <file>",
      "with --secure: the key of the clients, all of them; p2pnet-identity makes one",
      filePath,
    )
    .option("--server-key <key>", 'with --secure and --port: peer id or public key of the server; or "any"')
    .option("--json", "print one JSON object instead of a table")
    .option("--quiet", "print nothing but the result")
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`concurrent-test: ${oneLine(text).replace(/^error: /, "")}\n`),
    });
  command.parse(args, { from: "user" });
  const options: TestArguments = {
    quiet: false,
    json: false,
    ...command.opts<Omit<TestArguments, "quiet" | "json">>(),
  };
  const contradiction = inChat(options) ?? inTime(options) ?? inSecurity(options);
  if (contradiction !== null) command.error(contradiction);
  return {
    ...options,
    ...(options.duration === undefined ? {} : { messages: Number.POSITIVE_INFINITY }),
    ...(options.rate === undefined ? {} : { depth: Number.POSITIVE_INFINITY }),
  };
}

/** What cannot be in a chat, where a message has to tell who said it; null if all can. */
function inChat({ mode, clients, messages, size, text, duration, ramp }: TestArguments): string | null {
  if (mode !== "chat") return null;
  if (duration !== undefined || ramp > 0) {
    const option = duration === undefined ? "--ramp" : "--duration";
    return `option '${option} <seconds>' cannot be used with '--mode chat': all have to hear the same messages`;
  }
  if (clients < 2) return `option '--clients <count>': expected at least 2 with '--mode chat', got ${clients}`;
  if (text !== undefined)
    return "option '--text <text>' cannot be used with '--mode chat': it does not tell who said it";
  const least = leastSize(clients, messages);
  if (size === undefined || size >= least) return null;
  return `option '--size <bytes>': expected at least ${least}, for ${clients * messages} messages to differ, got ${size}`;
}

/** What cannot be said of keys; null if all can. A server that runs already is somebody: nobody trusts anybody unasked. */
function inSecurity({ secure, identity, serverKey, port }: TestArguments): string | null {
  if (secure === undefined) {
    if (identity !== undefined) return "option '--identity <file>' cannot be used without '--secure'";
    return serverKey === undefined ? null : "option '--server-key <key>' cannot be used without '--secure'";
  }
  if (port === undefined) {
    return serverKey === undefined ? null : "option '--server-key <key>' cannot be used without '--port <number>'";
  }
  return serverKey === undefined ? "option '--secure' needs '--server-key <key>' beside '--port <number>'" : null;
}

/** What cannot be together in time; null if all can. */
function inTime({ duration, ramp }: TestArguments): string | null {
  if (duration === undefined || ramp < duration) return null;
  return `option '--ramp <seconds>': expected less than the ${duration} of --duration, got ${ramp}`;
}

function host(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Expected an address or a name.");
}

function filePath(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Expected the path of a file to write.");
}

function payloadText(text: string): string {
  const length = Buffer.byteLength(text);
  if (length >= 1 && length <= MAX_PAYLOAD_BYTES) return text;
  throw new InvalidArgumentError(`Expected 1 to ${MAX_PAYLOAD_BYTES} bytes.`);
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

function positive(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= max) return value;
    throw new InvalidArgumentError(`Expected a number above 0, up to ${max}.`);
  };
}
