import { defineConfig } from "tsup";

// JavaScript only: the types are written by tsc, which checks them too (see "build" in each package).
export default defineConfig({
  format: ["esm"],
  target: "node20.19",
  platform: "node",
  splitting: true,
  // What is published is the code as it is read here, in one file; framing alone is minified, to be small.
  sourcemap: false,
  clean: true,
  dts: false,
  silent: true,
  esbuildOptions: (options) => {
    // An uncaught error shows the line that threw it.
    if (options.minify) options.lineLimit = 200;
  },
});
