import { Command, CommanderError, InvalidArgumentError } from "commander";
import { AbuseError } from "../errors.js";
import { soak } from "./soak.js";

const program = new Command("soak")
  .description(
    "Has clients come, echo and leave in every way for a while, and says whether the server's memory is flat",
  )
  .option("--minutes <m>", "how long", numberFrom(0.1, 10_000), 10)
  .option("--connections <count>", "clients at a time", numberFrom(1, 15_000), 1_000)
  .option("--record", "write the figures into docs/reliability.md, too")
  .allowExcessArguments(false)
  .exitOverride()
  .showSuggestionAfterError(false)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "soak: ")) })
  .action(soak);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof AbuseError) {
    console.error(`soak: ${error.message} (${error.code})`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}

function numberFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };
}
