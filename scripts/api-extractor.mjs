import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { root } from "./suites.mjs";

/**
 * What a package's `.d.ts` files export, by API Extractor: as one `.d.ts` that holds nothing else, and as a record of all
 * signatures without their docs. Build first.
 *
 * @param {string} folder the package
 * @param {string} types its `.d.ts` for one entry
 * @param {{ bundle: string, record: string }} into the files to write
 * @throws Error with what API Extractor says against it
 */
export function extractApi(folder, types, { bundle, record }) {
  mkdirSync(dirname(record), { recursive: true });
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      newlineKind: "lf",
      compiler: { overrideTsconfig: tsconfig(types) },
      apiReport: {
        enabled: true,
        reportFileName: basename(record),
        reportFolder: dirname(record),
        reportTempFolder: join(dirname(record), "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: bundle },
      tsdocMetadata: { enabled: false },
      messages,
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, "package.json"),
  });
  const said = [];
  const messageCallback = (message) => {
    if (message.logLevel === "error") said.push(message.formatMessageWithLocation(folder));
    message.handled = true;
  };
  const { errorCount } = Extractor.invoke(config, { localBuild: true, messageCallback });
  if (errorCount > 0) throw new Error(`${types}: expected types that can be bundled\n${said.join("\n")}`);
}

const tsconfig = (types) => ({
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: { typeRoots: [join(root, "node_modules", "@types")] },
  // Without "exclude" what lies in the folder of the extended file's "outDir" is left out.
  files: [types],
  include: [],
  exclude: [],
});

// Docs are TypeDoc's matter. What a signature names must be exported too, or stand in the record as a remark.
const silent = { logLevel: "none", addToApiReportFile: false };
const messages = {
  compilerMessageReporting: { default: { logLevel: "error" } },
  extractorMessageReporting: {
    default: { logLevel: "error" },
    "ae-forgotten-export": { logLevel: "none", addToApiReportFile: true },
    "ae-internal-missing-underscore": silent,
    "ae-missing-release-tag": silent,
    "ae-undocumented": silent,
    "ae-unresolved-link": silent,
  },
  tsdocMessageReporting: { default: silent },
};
