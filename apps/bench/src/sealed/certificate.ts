import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { appRoot } from "../app-root.js";
import type { Program } from "../program.js";

const run = promisify(execFile);

const cache = join(appRoot, "node_modules", ".cache", "bench");

/** The file of an Ed25519 key and a certificate for it, made once where there is an `openssl` that can. */
export async function findCertificate(command: string = "openssl", folder: string = cache): Promise<Program> {
  const path = join(folder, "certificate.pem");
  if (existsSync(path)) return { path };
  mkdirSync(folder, { recursive: true });
  const [key, certificate] = [`${path}.${process.pid}.key`, `${path}.${process.pid}.crt`];
  const files = ["-keyout", key, "-out", certificate];
  const subject = ["-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1"];
  try {
    await run(command, ["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "3650", ...files, ...subject]);
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, Buffer.concat(await Promise.all([readFile(key), readFile(certificate)])), {
      mode: 0o600,
    });
    renameSync(unfinished, path);
    return { path };
  } catch {
    return { missing: `a certificate: "${command}" does not make one` };
  } finally {
    await Promise.all([key, certificate].map((file) => rm(file, { force: true })));
  }
}
