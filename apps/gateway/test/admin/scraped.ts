import parse from 'parse-prometheus-text-format';
import { askAdmin } from '../testing/ask-admin.ts';

type Labels = Readonly<Record<string, string>>;

/** All metrics at one moment, as read by a third-party parser. */
export class Scraped {
  readonly text: string;
  readonly #families: ReturnType<typeof parse>;

  private constructor(text: string) {
    this.text = text;
    // The parser drops the labels of histograms, but not those of the series that make them up.
    this.#families = parse(text.replaceAll(/^# (?:HELP|TYPE) \w+_seconds (?!gauge).*\n/gm, ''));
  }

  static async of(scene: { readonly adminUrl: string }): Promise<Scraped> {
    const { status, text } = await askAdmin(scene, '/metrics');
    if (status !== 200) throw new Error(`/metrics answered ${status}: ${text}`);
    return new Scraped(text);
  }

  get names(): string[] {
    return this.#families.map(({ name }) => name);
  }

  /** All series, by name and labels. */
  get series(): Set<string> {
    return new Set(
      this.#families.flatMap(({ name, metrics }) =>
        metrics.map(({ labels = {} }) => `${name}${JSON.stringify(Object.entries(labels).sort())}`),
      ),
    );
  }

  /** Returns the labels of each series of a metric. */
  labelsOf(name: string): Labels[] {
    return this.#metricsOf(name).map(({ labels = {} }) => labels);
  }

  /** Returns the value of one series; undefined if there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const isIt = (others: Labels = {}) =>
      Object.keys(others).length === Object.keys(labels).length &&
      Object.entries(labels).every(([label, value]) => others[label] === value);
    const value = this.#metricsOf(name).find((one) => isIt(one.labels))?.value;
    return value === undefined ? undefined : Number(value);
  }

  /** Returns the values of all non-zero series of a metric, by the values of their labels. */
  counted(name: string): Record<string, number> {
    const counted = this.#metricsOf(name).map(
      ({ labels = {}, value }) => [Object.values(labels).join(' '), Number(value)] as const,
    );
    return Object.fromEntries(counted.filter(([, value]) => value !== 0));
  }

  #metricsOf(name: string) {
    return this.#families.filter((family) => family.name === name).flatMap(({ metrics }) => metrics);
  }
}
