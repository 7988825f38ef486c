import { defineConfig } from "tsup";

// JavaScript only: the types are written by tsc, which checks them too (see "build" in each package).
export default defineConfig({
  format: ["esm"],
  target: "node20.19",
  platform: "node",
  splitting: true,
  sourcemap: false,
  clean: true,
  dts: false,
  silent: true,
});
