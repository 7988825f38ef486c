import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a package or an app builds: the sources that its "build" names. They are what others start or import. */
function built(folder) {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, folder, "package.json"), "utf8"));
  return scripts.build.split(" ").filter((word) => word.startsWith("src/"));
}

const folders = ["packages", "apps"].flatMap((parent) =>
  readdirSync(join(import.meta.dirname, parent)).map((name) => `${parent}/${name}`),
);
const project = ["src/**/*.ts", "test/**/*.ts"];

export default {
  workspaces: {
    ".": {
      entry: [".ci/main.mjs", "scripts/*.mjs"],
      project: [".ci/**/*.mjs", "scripts/**/*.mjs"],
      // One is started as a program, the other is named to TypeDoc.
      ignoreDependencies: ["@arethetypeswrong/cli", "typedoc-plugin-markdown"],
    },
    ...Object.fromEntries(folders.map((folder) => [folder, { entry: built(folder), project }])),
    // Its programs are started by the paths of the packages that they are in.
    "apps/bench": { entry: built("apps/bench"), project, ignoreDependencies: ["async-server", "concurrent-test"] },
    // Its chat room is built in from its source.
    "apps/abuse": { entry: built("apps/abuse"), project, ignoreDependencies: ["async-server"] },
    // Used by the code in the guides.
    docs: { ignoreDependencies: [".+"] },
    "test-support": { entry: ["portable/{main,vitest,wine-resets}.ts"], project: ["**/*.{ts,mjs}"] },
  },
  ignoreBinaries: ["cc", "unshare"],
};
