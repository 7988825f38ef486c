import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Command } from "commander";
import { generateIdentity, type Identity } from "../identity/identity.js";
import { loadIdentity, saveIdentity } from "../identity/identity-file.js";

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

interface FileOptions {
  readonly passphraseFile?: string;
}

interface NewOptions extends FileOptions {
  readonly force?: boolean;
}

/**
 * Runs p2pnet-identity: makes, shows and checks identity files.
 *
 * @param args without node and program
 * @returns the exit code: 0, or 1 if `verify` finds another identity
 * @throws CommanderError after --help, --version and usage errors, which it has written; SecureError and system errors
 */
export async function identityCommand(args: readonly string[], writeLine: (line: string) => void): Promise<number> {
  let exitCode = 0;
  const show = ({ peerId, fingerprint }: Identity): void => {
    writeLine(`peer id      ${peerId}`);
    writeLine(`fingerprint  ${fingerprint}`);
  };
  const program = new Command("p2pnet-identity")
    .description("Makes, shows and checks the identity files of p2pnet")
    .version(version)
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: (text, write) => write(`p2pnet-identity: ${text.replace(/^error: /, "")}`) })
    .exitOverride();

  fileCommand(program, "new", "makes a new identity and saves it, readable by you alone")
    .option("--force", "replaces a file that is there")
    .action(async (file: string, { passphraseFile, force = false }: NewOptions) => {
      const identity = generateIdentity();
      await saveIdentity(identity, file, { ...(await passphraseIn(passphraseFile)), overwrite: force });
      show(identity);
    });

  fileCommand(program, "show", "shows whose identity a file has").action(
    async (file: string, { passphraseFile }: FileOptions) => {
      show(await loadIdentity(file, await passphraseIn(passphraseFile)));
    },
  );

  fileCommand(program, "verify", "checks that a file is sound and has the identity that is expected")
    .argument("<expected>", "a peer id or a fingerprint")
    .action(async (file: string, expected: string, { passphraseFile }: FileOptions) => {
      const identity = await loadIdentity(file, await passphraseIn(passphraseFile));
      const same = expected === identity.peerId || expected === identity.fingerprint;
      writeLine(
        same ? `${file} has it` : `${file}: expected ${expected}, got ${identity.peerId}, ${identity.fingerprint}`,
      );
      exitCode = same ? 0 : 1;
    });

  await program.parseAsync(args, { from: "user" });
  return exitCode;
}

function fileCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument("<file>", "the identity file")
    .option("--passphrase-file <path>", "a file whose first line is the passphrase")
    .allowExcessArguments(false);
}

async function passphraseIn(path: string | undefined): Promise<{ passphrase?: string }> {
  if (path === undefined) return {};
  const [line = ""] = (await readFile(path, "utf8")).split(/\r?\n/);
  return { passphrase: line };
}
