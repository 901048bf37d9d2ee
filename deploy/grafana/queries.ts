import { stateColours } from './colours.ts';

/** Every query is about the gateways that are selected at the top of the dashboard. */
const CHOSEN = 'job=~"$job", instance=~"$instance"';

/** Returns a selector of the series of a metric; `matchers` are those of PromQL, such as `status="429"`. */
export function series(metric: string, matchers = ''): string {
  return `${metric}{${CHOSEN}${matchers && `, ${matchers}`}}`;
}

/** Returns how fast a counter grows, per second. */
export function rate(metric: string, matchers?: string): string {
  return `rate(${series(metric, matchers)}[$__rate_interval])`;
}

/** Returns how fast a counter grows, per second, summed by these labels, or as a whole. */
export function sumRate(metric: string, labels = '', matchers?: string): string {
  return `sum${by(labels)}(${rate(metric, matchers)})`;
}

/** Returns a quantile of a histogram, by these labels, or as a whole. */
export function quantile(share: number, metric: string, labels = ''): string {
  const kept = labels === '' ? 'le' : `le, ${labels}`;
  return `histogram_quantile(${share}, sum by (${kept}) (${rate(`${metric}_bucket`)}))`;
}

/** Returns the greatest value of a gauge's series by these labels. */
export function greatest(metric: string, labels: string): string {
  return `max${by(labels)}(${series(metric)})`;
}

/** Returns the least value of a gauge's series by these labels. */
export function least(metric: string, labels: string): string {
  return `min${by(labels)}(${series(metric)})`;
}

/** Returns a share of a whole; 0 if there is nothing to share. */
export function shareOf(part: string, whole: string): string {
  return `(${part}) / (${whole} > 0) or 0 * ${whole}`;
}

/**
 * Returns the index of the state in the list of states, the worst of all selected gateways. Exactly one state is 1, so
 * the sum of all states times their index is the index of that one.
 */
export function worstState(metric: string, labels: string): string {
  const places = Object.keys(stateColours).map(
    (state, place) => `${place} * ${series(metric, `state="${state}"`)}`,
  );
  return `max by (${labels}) (sum without (state) (${places.join(' or ')}))`;
}

/** Returns how many seconds are left until a time; 0 if it has passed. */
export function secondsUntil(metric: string, labels: string): string {
  return `clamp_min(${greatest(metric, labels)} - time(), 0)`;
}

function by(labels: string): string {
  return labels === '' ? '' : ` by (${labels}) `;
}
