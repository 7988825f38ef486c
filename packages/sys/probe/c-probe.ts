import type { Constants } from "../src/constants/constants.js";
import { ioUringConstants } from "../src/constants/io-uring.js";
import { winsockErrors } from "../src/constants/winsock-errors.js";
import { ioUringLayouts } from "../src/layouts/io-uring.js";
import type { Layouts } from "../src/layouts/layouts.js";
import { type CNames, cNames } from "./c-names.js";

type Value = number | null;
type StructTable = { readonly size: number; readonly fields: { readonly [name: string]: FieldTable | null } };
type FieldTable = { readonly offset: number; readonly size: number };

/** Linux has all that the tables name since 6.1; before that, headers have a part of it, or nothing. */
const IO_URING_HEADERS = [
  "#include <linux/version.h>",
  "#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)",
  "#include <linux/io_uring.h>",
  "#include <asm/unistd.h>",
  "#include <sys/mman.h>",
];

/** As `cProbe`, for io_uring, which only Linux has. Headers that are older than the tables are not asked. */
export function ioUringProbe(
  constants: { readonly [name: string]: number } = ioUringConstants,
  layouts: { readonly [name: string]: StructTable } = ioUringLayouts,
): string {
  const names = cNames("linux");
  const lines = [...names.preamble, ...IO_URING_HEADERS];
  for (const [name, value] of Object.entries(constants)) lines.push(numberLine(name, name, value));
  for (const [name, struct] of Object.entries(layouts)) lines.push(...structLines(name, struct, names));
  return `${[...lines, "#endif"].join("\n")}\n`;
}

/**
 * A C file that a compiler for `platform` accepts if the tables agree with its headers, and else rejects with a line
 * for each name that does not. Nothing has to run, so a cross compiler will do.
 */
export function cProbe(platform: NodeJS.Platform, constants: Constants, layouts: Layouts): string {
  const names = cNames(platform);
  const lines = [...names.preamble];
  for (const [name, value] of Object.entries<Value>({ ...constants })) lines.push(...constantLines(name, value, names));
  for (const [name, struct] of Object.entries<StructTable | null>({ ...layouts })) {
    if (struct !== null) lines.push(...structLines(name, struct, names));
  }
  if (platform === "win32") {
    for (const [nativeErrno, name] of winsockErrors) lines.push(numberLine(name, name, nativeErrno));
  }
  return `${lines.join("\n")}\n`;
}

function constantLines(name: string, value: Value, names: CNames): string[] {
  const inC = names.constant(name);
  if (value === null) return [`#ifdef ${inC}`, `#error "${name}: expected none"`, "#endif"];
  const line = numberLine(name, inC, value);
  return names.missingInSomeHeaders.includes(name) ? [`#ifdef ${inC}`, line, "#endif"] : [line];
}

// As 32 bits, since headers disagree on the sign of the highest one (FIONBIO).
function numberLine(name: string, inC: string, value: number): string {
  return assertion(`(unsigned)(${inC}) == (unsigned)(${value})`, `${name}: expected ${value}`);
}

function structLines(name: string, struct: StructTable, names: CNames): string[] {
  const type = names.struct(name);
  const lines = [assertion(`sizeof(${type}) == ${struct.size}`, `sizeof ${name}: expected ${struct.size}`)];
  for (const [field, place] of Object.entries(struct.fields)) {
    if (place === null) continue;
    const inC = names.field(name, field);
    const label = `${name}.${field}`;
    lines.push(
      assertion(`offsetof(${type}, ${inC}) == ${place.offset}`, `offsetof ${label}: expected ${place.offset}`),
      assertion(`sizeof(((${type} *)0)->${inC}) == ${place.size}`, `sizeof ${label}: expected ${place.size}`),
    );
  }
  return lines;
}

function assertion(condition: string, message: string): string {
  return `_Static_assert(${condition}, "${message}");`;
}
