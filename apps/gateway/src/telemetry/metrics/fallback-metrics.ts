import { type Exchange, FALLBACK_CAUSES } from '../exchange.ts';
import type { DeploymentNames } from './deployment-names.ts';
import { type ByKey, byKey } from './label-values.ts';
import type { RequestSeries } from './request-metric-list.ts';

/** Counts the requests that fallbacks served. */
export class FallbackMetrics {
  readonly #series: RequestSeries;
  readonly #names: DeploymentNames;
  /** By the label of the deployment that was asked for. */
  readonly #counts = new Map<string, ByKey<(typeof FALLBACK_CAUSES)[number]>>();

  constructor(series: RequestSeries, names: DeploymentNames) {
    this.#series = series;
    this.#names = names;
  }

  /** Begins the series of deployments that have fallbacks. */
  begin(deployments: readonly string[]): void {
    for (const deployment of deployments) this.#find(deployment);
  }

  note({ fallbackFrom, fallbackCause, isServedByFallback }: Exchange): void {
    if (isServedByFallback && fallbackFrom !== undefined && fallbackCause !== undefined)
      this.#find(fallbackFrom)[fallbackCause].add(1);
  }

  #find(deployment: string): ByKey<(typeof FALLBACK_CAUSES)[number]> {
    const label = this.#names.labelOf(deployment, false);
    const known = this.#counts.get(label);
    if (known !== undefined) return known;
    const made = byKey(FALLBACK_CAUSES, (cause) => this.#series.fallbacks(label, cause));
    this.#counts.set(label, made);
    return made;
  }
}
