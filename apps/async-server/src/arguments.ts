import { createRequire } from "node:module";
import { MAX_TIMEOUT_MS } from "@p2pnet/connection";
import { BACKEND_NAMES, type BackendName } from "@p2pnet/event-loop";
import { Command, InvalidArgumentError, Option } from "commander";
import { oneLine } from "./one-line.js";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

export interface ServerArguments {
  readonly host: string;
  readonly port: number;
  readonly backend: BackendName | "auto";
  readonly mode: "echo" | "chat" | "blocking";
  /** Number.MAX_SAFE_INTEGER: no bound but the system's. */
  readonly maxConnections: number;
  /** Where Prometheus may ask; 0: a free one. */
  readonly metricsPort?: number;
  /** Threads that serve. */
  readonly workers: number;
  /** Milliseconds; 0: never. */
  readonly idleTimeout: number;
  /** No event per message. */
  readonly quiet: boolean;
  readonly json: boolean;
  /** Null: as in plain text. */
  readonly security: SecurityFiles | null;
}

/** What mode secure reads. */
export interface SecurityFiles {
  readonly identity: string;
  /** A file, or `any`. */
  readonly allow: string;
}

interface Parsed extends Omit<ServerArguments, "quiet" | "json" | "security">, SecurityOptions {
  readonly roomLimit?: number;
}

interface SecurityOptions {
  readonly secure?: true;
  readonly identity?: string;
  readonly allow?: string;
}

/**
 * Reads the command line, without node and program.
 *
 * @throws CommanderError after --help and --version (exitCode 0), and after a usage error, which it has written to
 * stderr as one line
 */
export function parseArguments(args: readonly string[]): ServerArguments {
  const command = new Command("async-server")
    .description("Echoes framed messages to many clients at once, or relays them")
    .version(version)
    .option("--host <address>", "local address or name to listen on", host, "127.0.0.1")
    .option("--port <number>", "port to listen on; 0 picks a free one", wholeNumber(0, 65_535), 8080)
    .addOption(
      new Option("--backend <name>", "how the system is asked who is ready; auto takes the fastest, or P2PNET_BACKEND")
        .choices(["auto", ...BACKEND_NAMES])
        .default("auto"),
    )
    .addOption(
      new Option(
        "--mode <mode>",
        "chat relays to all others; blocking serves one client at a time, without an event loop",
      )
        .choices(["echo", "chat", "blocking"])
        .default("echo"),
    )
    .option(
      "--workers <count>",
      "threads that serve, each with an event loop; limits are for each",
      wholeNumber(1, 1_024),
      1,
    )
    .addOption(
      new Option("--max-connections <count>", "clients at once, but for mode blocking; more are turned away")
        .argParser(wholeNumber(1, Number.MAX_SAFE_INTEGER))
        .default(Number.MAX_SAFE_INTEGER, "no bound"),
    )
    .addOption(
      new Option("--room-limit <count>", "the same, of the room of mode chat").argParser(
        wholeNumber(1, Number.MAX_SAFE_INTEGER),
      ),
    )
    .addOption(
      new Option("--idle-timeout <milliseconds>", "ends a connection without a byte in or out for this long")
        .argParser(wholeNumber(0, MAX_TIMEOUT_MS))
        .default(0, "never"),
    )
    .option("--secure", "clients show who they are, and all that is said is encrypted")
    .option("--identity <file>", "the server's own key, with --secure; p2pnet-identity makes one", filePath)
    .option(
      "--allow <file>",
      'who may connect, with --secure: a peer id or public key a line; "any" lets everybody in',
      filePath,
    )
    .option(
      "--metrics-port <number>",
      "port at which Prometheus may ask, at /metrics; 0 picks a free one",
      wholeNumber(0, 65_535),
    )
    .option("--quiet", "no line per message")
    .option("--json", "a JSON object per line instead of text")
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`async-server: ${oneLine(text).replace(/^error: /, "")}\n`),
    });
  command.parse(args, { from: "user" });
  const { roomLimit, secure, identity, allow, ...options } = command.opts<Parsed>();
  if (roomLimit !== undefined && options.mode !== "chat") {
    command.error("option '--room-limit <count>' cannot be used without '--mode chat'");
  }
  if (options.workers > 1 && options.mode === "blocking") {
    command.error("option '--workers <count>' cannot be used with '--mode blocking'");
  }
  if (options.metricsPort !== undefined && options.mode === "blocking") {
    command.error("option '--metrics-port <number>' cannot be used with '--mode blocking'");
  }
  const maxConnections = Math.min(options.maxConnections, roomLimit ?? Number.MAX_SAFE_INTEGER);
  const security = securityFiles(command, options.mode, { secure, identity, allow } as SecurityOptions);
  return { quiet: false, json: false, ...options, maxConnections, security };
}

/** There is no default for who may connect: nobody lets everybody in unasked. */
function securityFiles(
  command: Command,
  mode: ServerArguments["mode"],
  { secure, identity, allow }: SecurityOptions,
): SecurityFiles | null {
  if (secure === undefined) {
    if (identity !== undefined) command.error("option '--identity <file>' cannot be used without '--secure'");
    if (allow !== undefined) command.error("option '--allow <file>' cannot be used without '--secure'");
    return null;
  }
  if (mode === "blocking") command.error("option '--secure' cannot be used with '--mode blocking'");
  if (identity === undefined) command.error("option '--secure' needs '--identity <file>'");
  if (allow === undefined) command.error("option '--secure' needs '--allow <file>', or '--allow any' for everybody");
  return { identity, allow };
}

function filePath(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Expected the path of a file.");
}

function host(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Expected an address or a name.");
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(
      max === Number.MAX_SAFE_INTEGER
        ? `Expected a whole number of at least ${min}.`
        : `Expected a whole number from ${min} to ${max}.`,
    );
  };
}
