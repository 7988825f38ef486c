import { Command, CommanderError, Option } from "commander";
import { CASES } from "./cases/index.js";
import { AbuseError } from "./errors.js";
import { type RunOptions, runCommand } from "./run-command.js";

const program = new Command("abuse")
  .description("Does to a server what hostile and unlucky peers do, and compares what it costs with stated bounds")
  .addOption(
    new Option("--case <name...>", "cases to run, repeatable (default: all)").choices(CASES.map(({ name }) => name)),
  )
  .option("--list", "say what the cases do, and run none")
  .option("--quick", "less of each: under 3 minutes in all")
  .addOption(new Option("--json", "print one JSON object in place of the table").conflicts("markdown"))
  .option("--markdown", "print the table as Markdown")
  .option("--record", "write the table into docs/reliability.md, too")
  .allowExcessArguments(false)
  .exitOverride()
  .showSuggestionAfterError(false)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "abuse: ")) })
  .action((options: RunOptions) => runCommand(options));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof AbuseError) {
    console.error(`abuse: ${error.message} (${error.code})`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
