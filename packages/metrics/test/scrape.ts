/** A sample by its name and labels, such as `requests_total{code="a"}`. */
export type Samples = Readonly<Record<string, number>>;

export interface Scrape {
  /** By a metric's name. */
  readonly types: Readonly<Record<string, string>>;
  readonly samples: Samples;
}

/**
 * Reads Prometheus's text format, version 0.0.4, strictly enough for what stands in it.
 *
 * @throws Error if a line is neither a comment nor a sample, a sample comes twice or has no HELP and TYPE before it
 */
export function parseScrape(text: string): Scrape {
  const types: Record<string, string> = {};
  const helped = new Set<string>();
  const samples: Record<string, number> = {};
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const help = /^# HELP (\w+) \S/.exec(line);
    const type = /^# TYPE (\w+) (counter|gauge)$/.exec(line);
    const sample = /^((\w+)(?:\{(?:\w+="[^"\\\n]*",?)*\})?) (\d+)$/.exec(line);
    if (help !== null) helped.add(help[1]!);
    else if (type !== null) types[type[1]!] = type[2]!;
    else if (sample === null) throw new Error(`scrape: expected a comment or a sample, got ${line}`);
    else {
      const [, key, name, value] = sample as unknown as [string, string, string, string];
      if (key in samples) throw new Error(`scrape: expected each sample once, got ${key} again`);
      if (!helped.has(name) || !(name in types)) throw new Error(`scrape: expected HELP and TYPE before ${name}`);
      samples[key] = Number(value);
    }
  }
  return { types, samples };
}
