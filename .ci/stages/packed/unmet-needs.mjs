import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../scripts/command.mjs";
import { tarballsOf } from "../../../scripts/measure-packages.mjs";
import { installTarballs } from "../../../scripts/packed-install.mjs";
import { readmeExample } from "../../../scripts/readme-example.mjs";
import { underOldNodes } from "./old-nodes.mjs";
import { says } from "./says.mjs";

/** Where something is missing that a package needs, what says so also says what to do. */
export async function unmetNeeds(stage, packages, folder) {
  await underOldNodes(stage, packages, join(folder, "old-nodes"));
  await withoutFfi(stage, packages, join(folder, "without-ffi"));
  await withoutMetricsLibraries(stage, packages, join(folder, "without-metrics-libraries"));
}

async function withoutFfi(stage, packages, project) {
  const { folder } = await installWithout(["koffi"], "@p2pnet/connection", packages, project);
  const { code, prints } = readmeExample(join(folder, "README.md"));
  const failed = await runProgram(project, code);
  const told = says(
    failed.output,
    /ERR_FFI_UNAVAILABLE/,
    /install @p2pnet\/sys with its dependencies/,
    /transport: "auto"/,
  );
  stage.check("without koffi: the error says to install it, or to do without", told, failed.output);

  const portable = code
    .replaceAll("port: 0", 'port: 0, transport: "auto"')
    .replaceAll("server.address.port", '$&, transport: "auto"');
  const { failure, stdout, output } = await runProgram(project, portable);
  const wrong = stdout === prints ? null : `expected ${prints}, got ${stdout}`;
  stage.check("without koffi: transport auto does without", failure ?? wrong, output);
}

/** A server, as a meter that a program has anyway is told of it: nothing of OpenTelemetry's own is needed. */
const WITH_A_METER = `
  import { openTelemetryMetrics } from "@p2pnet/metrics/opentelemetry";
  const names = [];
  const instrument = (name) => names.push(name);
  const meter = {
    createObservableCounter: instrument,
    createObservableUpDownCounter: instrument,
    addBatchObservableCallback() {},
    removeBatchObservableCallback() {},
  };
  openTelemetryMetrics({ stats: () => ({}) }, meter).close();
  console.log(names.includes("p2pnet.server.connections"));
`;

async function withoutMetricsLibraries(stage, packages, project) {
  await installWithout(["prom-client", "@opentelemetry"], "@p2pnet/metrics", packages, project);
  const failed = await runProgram(project, 'import "@p2pnet/metrics/prometheus";');
  const told = says(failed.output, /ERR_PROM_CLIENT_MISSING/, /npm install prom-client/);
  stage.check("without prom-client: the error says to install it", told, failed.output);

  const { failure, stdout, output } = await runProgram(project, WITH_A_METER);
  const wrong = stdout === "true\n" ? null : `expected the instruments to be made, got ${stdout}`;
  stage.check("without @opentelemetry/api: any meter will do", failure ?? wrong, output);
}

/** Installs a package with all that it needs, less some folders of node_modules. */
async function installWithout(missing, name, packages, project) {
  const wanted = packages.find((packed) => packed.name === name);
  const { failure, output } = await installTarballs(project, [wanted.tarball, ...tarballsOf(wanted.needs, packages)]);
  if (failure !== null) throw new Error(`${failure}\n${output}`);
  for (const one of missing) rmSync(join(project, "node_modules", one), { recursive: true, force: true });
  return wanted;
}

function runProgram(project, code) {
  writeFileSync(join(project, "program.js"), code);
  return run(process.execPath, ["program.js"], { cwd: project, limitMs: 20_000 });
}
