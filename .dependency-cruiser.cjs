// Imports point down the map only: see ARCHITECTURE.md. One line per package says what it may import.
const below = {
  stream: [],
  sys: [],
  framing: [],
  socket: ["sys"],
  "event-loop": ["stream", "socket", "sys"],
  secure: ["stream", "framing", "sys"],
  connection: ["stream", "socket", "event-loop", "framing"],
  metrics: ["connection"],
};

const layers = Object.entries(below).map(([name, allowed]) => ({
  name: `${name}-imports-only-what-is-below`,
  severity: "error",
  from: { path: `^packages/${name}/src` },
  to: { path: "^packages/", pathNot: [name, ...allowed].map((other) => `^packages/${other}/`) },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: "packages-never-import-apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "only-sys-imports-the-ffi-library",
      severity: "error",
      from: { path: "^(packages|apps)/", pathNot: "^packages/sys/" },
      to: { path: "node_modules/koffi|^koffi$" },
    },
    {
      name: "framing-is-pure",
      comment: "The core of framing runs in a browser; only its /node entry may touch Node.",
      severity: "error",
      from: { path: "^packages/framing/src", pathNot: "^packages/framing/src/node" },
      to: { dependencyTypes: ["core", "npm", "npm-dev"] },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "not-resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-development-dependency-in-src",
      severity: "error",
      from: { path: "^(packages|apps)/[^/]+/src" },
      // What is a peer, too, the user has.
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    exclude: { path: "/dist/|\\.turbo" },
    tsPreCompilationDeps: true,
    // Its paths lead from a package's name to its sources: the check needs no build, and an import of a built package
    // cannot slip by as part of dist.
    tsConfig: { fileName: ".dependency-cruiser.tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "default"] },
  },
};
