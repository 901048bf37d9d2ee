import type { RateHistory } from './rate-history.ts';

/** Backends that are shown together, or one of them. */
export interface PickedSeries {
  /** What it is called. */
  readonly label: string;
  /** The backends that it sums up. */
  readonly names: readonly string[];
  /** The place of its backend in the configuration, which has its colour; undefined for what is left. */
  readonly place: number | undefined;
}

/** More lines than this cannot be told apart, and would take longer to draw than there is time until the next. */
export const MAX_SERIES = 12;

/** Picks what a chart shows: each backend, or where they are many the busiest, and all others as one. */
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
