#!/usr/bin/env node
import { CommanderError } from "commander";
import { identityCommand } from "./command/identity-command.js";
import { SecureError } from "./errors.js";

try {
  process.exitCode = await identityCommand(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof SecureError) && code === undefined) throw error;
    process.stderr.write(`p2pnet-identity: ${message.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")}\n`);
    process.exitCode = 1;
  }
}
