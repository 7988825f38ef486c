import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this app. Sources in src and built files in dist both lie one level below it. */
export const appRoot: string = fileURLToPath(new URL("..", import.meta.url));

/** The built program of another app of this repository; the file may not exist yet. */
export function builtApp(name: "async-server" | "concurrent-test"): string {
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return join(dirname(manifest), "dist", "main.js");
}
