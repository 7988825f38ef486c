import type { ServerStats } from "@p2pnet/connection";
import type { Counter, Gauge, OpenMetricsContentType, PrometheusContentType, Registry } from "prom-client";
import { MetricsError } from "./errors.js";
import { promClient } from "./prom-client.js";
import { type ServerMetric, valuesOf } from "./server-metrics.js";

/** A server, as a metric sees it. */
export interface Member {
  readonly labels: Readonly<Record<string, string>>;
  stats(): Promise<ServerStats>;
}

type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/** Those whose metric a registry shows. */
const shown = new WeakMap<object, Family>();

/** One metric in one registry, of all servers that are shown there: prom-client takes each name once. */
export class Family {
  readonly #registry: AnyRegistry;
  readonly #name: string;
  readonly #metric: ServerMetric;
  readonly #labelNames: readonly string[];
  readonly #members = new Set<Member>();

  /** That of this name, if the registry has one, or a new one. @throws MetricsError `ERR_METRIC_EXISTS` */
  static in(registry: AnyRegistry, name: string, metric: ServerMetric, labelNames: readonly string[]): Family {
    const existing = registry.getSingleMetric(name);
    if (existing === undefined) return new Family(registry, name, metric, labelNames);
    const family = shown.get(existing);
    if (family === undefined) {
      throw new MetricsError("ERR_METRIC_EXISTS", `registry: expected no other metric "${name}", got one`);
    }
    family.#expectLabels(labelNames);
    return family;
  }

  private constructor(registry: AnyRegistry, name: string, metric: ServerMetric, labelNames: readonly string[]) {
    this.#registry = registry;
    this.#name = name;
    this.#metric = metric;
    this.#labelNames = labelNames;
  }

  add(member: Member): void {
    if (this.#members.size === 0) this.#show();
    this.#members.add(member);
  }

  /** The last one takes the metric along. */
  delete(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    const current = this.#registry.getSingleMetric(this.#name);
    // The registry may have been cleared meanwhile, and filled by somebody else.
    if (current !== undefined && shown.get(current) === this) this.#registry.removeSingleMetric(this.#name);
  }

  #show(): void {
    const { help, kind, label } = this.#metric;
    const family = this;
    const settings = {
      name: this.#name,
      help,
      labelNames: label === null ? this.#labelNames : [...this.#labelNames, label],
      registers: [this.#registry],
      collect(this: Counter | Gauge): Promise<void> {
        return family.#collect(this);
      },
    };
    shown.set(kind === "counter" ? new promClient.Counter(settings) : new promClient.Gauge(settings), this);
  }

  /** All is read before anything is set, so that two scrapes at once do not add up. */
  async #collect(into: { reset(): void; inc(labels: Record<string, string>, value: number): void }): Promise<void> {
    const members = [...this.#members];
    const read = await Promise.all(members.map(({ stats }) => stats()));
    into.reset();
    for (const [i, { labels }] of members.entries()) {
      for (const [own, value] of valuesOf(this.#metric, read[i]!)) into.inc({ ...labels, ...own }, value);
    }
  }

  #expectLabels(names: readonly string[]): void {
    if (names.toSorted().join() === this.#labelNames.toSorted().join()) return;
    const expected = this.#labelNames.join(", ") || "none";
    const got = names.join(", ") || "none";
    throw new MetricsError(
      "ERR_METRIC_EXISTS",
      `labels: expected those that "${this.#name}" has, ${expected}, got ${got}`,
    );
  }
}
