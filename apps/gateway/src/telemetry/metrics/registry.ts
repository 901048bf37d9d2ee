import { type LabelValues, type Metric, renderLabels } from './metric.ts';
import { Counter, Histogram } from './series.ts';

/** The series of a metric, by their rendered labels. */
export interface Family<Series extends Counter | Histogram = Counter | Histogram> {
  readonly metric: Metric;
  readonly series: ReadonlyMap<string, Series>;
}

/** Creates the series of one metric. */
export type SeriesOf<Series> = (...values: LabelValues) => Series;

/** Far more than any configuration needs, and far fewer than a collector can handle. */
const MAX_SERIES = 10_000;

/**
 * All counted series, each of which exists from its first use. prom-client does the same, but hashes the labels at each
 * count, which takes thirty times as long as all of the gateway's counting for a request (measured).
 */
export class Registry {
  readonly #maxSeries: number;
  readonly #families: Family[] = [];
  #size = 0;
  #dropped = 0;

  constructor(maxSeries: number = MAX_SERIES) {
    this.#maxSeries = maxSeries;
  }

  get families(): readonly Family[] {
    return this.#families;
  }

  /** The number of series that were not created, as there were too many. */
  get dropped(): number {
    return this.#dropped;
  }

  counter(metric: Metric): SeriesOf<Counter> {
    return this.#family(metric, () => new Counter());
  }

  histogram(metric: Metric): SeriesOf<Histogram> {
    return this.#family(metric, () => new Histogram(metric.buckets ?? []));
  }

  #family<Series extends Counter | Histogram>(metric: Metric, make: () => Series): SeriesOf<Series> {
    const series = new Map<string, Series>();
    this.#families.push({ metric, series });
    return (...values) => {
      const labels = renderLabels(metric.labels, values);
      const known = series.get(labels);
      if (known !== undefined) return known;
      const made = make();
      // A series beyond the limit counts for nobody.
      if (this.#size >= this.#maxSeries) this.#dropped++;
      else {
        this.#size++;
        series.set(labels, made);
      }
      return made;
    };
  }
}
