import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { CASE_CHOICES } from "./cases.js";
import { type CheckOptions, checkCommand } from "./check-command.js";
import { stopChildrenAtExit } from "./children.js";
import { BenchError } from "./errors.js";
import { PEER_NAMES } from "./peers.js";
import { type RunOptions, runCommand } from "./run-command.js";
import { type SpreadOptions, spreadCommand } from "./spread-command.js";
import { type TableOptions, tableCommand } from "./table-command.js";

const program = new Command("bench")
  .description("Runs echo servers in turn against one load generator and compares each with C over epoll")
  .enablePositionalOptions()
  .addOption(new Option("--case <names...>", "cases to run (default: all)").choices(CASE_CHOICES))
  .addOption(new Option("--peer <names...>", "servers beside c-epoll (default: all)").choices(PEER_NAMES))
  .option("--rounds <count>", "rounds; each runs every server once", wholeNumber, 9)
  .option("--seconds <s>", "measured seconds of each run", secondsFrom(0.01), 2)
  .option("--warmup <s>", "seconds of load before each measured period", secondsFrom(0), 0.5)
  .addOption(new Option("--generator <name>", "load generator (default: c where it compiles)").choices(["c", "p2pnet"]))
  .option("--json [file]", "every round as one JSON object: into a file, or printed in place of the tables")
  .option("--plot <folder>", "write charts there, as SVG")
  .allowExcessArguments(false)
  .action((options: RunOptions) => runCommand(options));

program
  .command("table")
  .description("prints the README's table of concurrent clients; needs no C compiler")
  .option("--rounds <count>", "runs of each row", wholeNumber, 5)
  .option("--json", "print one JSON object instead of a table")
  .allowExcessArguments(false)
  .action((options: TableOptions) => tableCommand(options));

program
  .command("check")
  .description("fails when a ratio to C is worse than the recorded one by more than its margin")
  .option("--rounds <count>", "rounds; each runs every server once", wholeNumber, 5)
  .option("--seconds <s>", "measured seconds of each run", secondsFrom(0.01), 0.5)
  .option("--warmup <s>", "seconds of load before each measured period", secondsFrom(0), 0.5)
  .option("--record", "write what was measured to recorded.json")
  .option("--warn", "end with exit code 0 all the same")
  .allowExcessArguments(false)
  .action((options: CheckOptions) => checkCommand(options));

program
  .command("spread")
  .description("prints how clients spread over 2 and 4 workers, by reuse-port and by handles; needs no C compiler")
  .option("--clients <count>", "clients at once", wholeNumber, 1_000)
  .option("--echoes <count>", "echoes of each, all compared", wholeNumber, 20)
  .allowExcessArguments(false)
  .action((options: SpreadOptions) => spreadCommand(options));

for (const command of [program, ...program.commands]) {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "bench: ")) });
}

stopChildrenAtExit();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof BenchError) {
    console.error(`bench: ${error.message} (${error.code})`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError("Expected a whole number from 1 to 1000.");
}

function secondsFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= 600) return value;
    throw new InvalidArgumentError(`Expected seconds from ${least} to 600.`);
  };
}
