import { run } from "../../scripts/command.mjs";

/** What hostile and unlucky peers do to a server, in its quick form: each case is a check, with its figures on failure. */
export async function abuse(stage) {
  const args = ["apps/abuse/dist/main.js", "--quick", "--json"];
  const { failure, stdout, output } = await run(process.execPath, args, { limitMs: 300_000 });
  const report = stdout.split("\n").find((line) => line.startsWith("{"));
  if (report === undefined) throw new Error(`${failure ?? "abuse: expected a report, got none"}\n${output}`);
  for (const { name, passed, failure: reason, rows } of JSON.parse(report).cases) {
    const figures = rows.map((row) => `${row.what}: ${row.measured} (${row.bound})${row.holds ? "" : ", FAILED"}`);
    stage.check(`abuse, ${name}`, passed ? null : (reason ?? "outside a bound"), figures.join("\n"));
  }
}
