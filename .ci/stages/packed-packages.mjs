import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measurePackages, tarballsOf } from "../../scripts/measure-packages.mjs";
import { nodeBinary } from "../../scripts/node-binary.mjs";
import { packPackages } from "../../scripts/pack.mjs";
import { installTarballs } from "../../scripts/packed-install.mjs";
import { otherVersions } from "../../scripts/run-matrix.mjs";
import { checkSizes } from "./packed/sizes.mjs";
import { checkTarball } from "./packed/tarball.mjs";
import { checkTypes } from "./packed/types.mjs";
import { unmetNeeds } from "./packed/unmet-needs.mjs";
import { environmentOf, usePackage } from "./packed/use.mjs";

/** What is published: each tarball holds what it must, installs alone in an empty npm project, and works there. */
export async function packedPackages(stage) {
  const folder = mkdtempSync(join(tmpdir(), "p2pnet-packed-"));
  try {
    const packages = await packPackages(folder);
    for (const packed of packages) await checkTarball(stage, packed);

    const sizes = await measurePackages(packages, folder);
    checkSizes(stage, sizes);
    for (const packed of packages) {
      const { project } = sizes.find(({ name }) => name === packed.name);
      if (packed.optional.length > 0) await installTarballs(project, allOf(packed, packages));
      await checkTypes(stage, packed, project);
      await usePackage(stage, packed, project, { version: process.versions.node, path: process.execPath });
    }

    for (const version of otherVersions) await underNode(stage, version, packages, folder);
    await unmetNeeds(stage, packages, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Installs each package alone with npm under another Node, and uses it. */
async function underNode(stage, version, packages, folder) {
  const { path, missing } = await nodeBinary(version);
  if (missing !== undefined) {
    stage.omit(`Node ${version}: ${missing}`);
    return;
  }
  for (const packed of packages) {
    const project = join(folder, `node-${version}`, packed.name);
    const tarballs = allOf(packed, packages);
    const { failure, output } = await installTarballs(project, tarballs, { env: environmentOf(path) });
    if (failure === null) await usePackage(stage, packed, project, { version, path });
    else stage.check(`${packed.name}: npm install under Node ${version}`, failure, output);
  }
}

/** A package with all that it needs and can be used with. */
const allOf = ({ tarball, needs, optional }, packages) => [tarball, ...tarballsOf(needs, packages), ...optional];
