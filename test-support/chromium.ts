import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where Chromium is: what the environment's `P2PNET_CHROMIUM` names, or where Debian and others put it. Null if nowhere. */
export const chromiumPath: string | null =
  process.env["P2PNET_CHROMIUM"] ?? PLACES.find((path) => existsSync(path)) ?? null;

/** Starts it without a window, and without anything that would reach for the internet. */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
