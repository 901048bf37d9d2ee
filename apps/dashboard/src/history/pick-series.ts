import type { RateHistory } from './rate-history.ts';

/** One displayed backend, or several displayed together. */
export interface PickedSeries {
  /** Its name. */
  readonly label: string;
  /** The backends that it sums up. */
  readonly names: readonly string[];
  /** The place of its backend in the configuration, which determines its colour; undefined for the remaining ones. */
  readonly place: number | undefined;
}

/** More lines than this cannot be told apart, and would take longer to draw than the time until the next snapshot. */
export const MAX_SERIES = 12;

/** Picks the series of a chart: each backend or, where there are many, the busiest, with all others as one. */
export function pickSeries(
  history: RateHistory,
  names: readonly string[],
  windowS: number,
): readonly PickedSeries[] {
  const all = names.map((name, place) => ({ label: name, names: [name], place }));
  if (all.length <= MAX_SERIES) return all;
  const rates = new Map(names.map((name) => [name, history.meanRateOf(name, windowS)]));
  const busiest = new Set(
    names.toSorted((one, other) => (rates.get(other) ?? 0) - (rates.get(one) ?? 0)).slice(0, MAX_SERIES - 1),
  );
  const others = names.filter((name) => !busiest.has(name));
  return [
    ...all.filter(({ label }) => busiest.has(label)),
    { label: `${others.length} others`, names: others, place: undefined },
  ];
}
