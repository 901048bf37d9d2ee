import { formatPercent, formatRate, formatSpan } from '../words/numbers.ts';
import type { RateHistory } from './rate-history.ts';

/** If there are more backends, only the largest are named. */
const MAX_NAMED = 4;

/** Returns the content of the chart of the last `windowS` seconds, in a sentence or two. */
export function describeHistory(history: RateHistory, names: readonly string[], windowS: number): string {
  const means = names.map((name) => ({ name, value: history.meanRateOf(name, windowS) }));
  const total = means.reduce((sum, { value }) => sum + value, 0);
  const seen = `In the last ${formatSpan(Math.min(history.seenS, windowS) * 1000)}`;
  const served =
    total === 0
      ? `${seen} no requests were served.`
      : `${seen}, of ${formatRate(total)} req/s: ${listLargest(means, (value) => formatPercent(value / total))}.`;
  const cooled = names.map((name) => ({
    name,
    value: history.cooledSecondsOf(name, windowS),
  }));
  const cooldowns = listLargest(cooled, (seconds) => `for ${formatSpan(seconds * 1000)}`);
  return `${served} ${cooldowns === '' ? 'None was throttled or cooling.' : `Throttled or cooling: ${cooldowns}.`}`;
}

function listLargest(
  all: readonly { readonly name: string; readonly value: number }[],
  format: (value: number) => string,
): string {
  const some = all.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
  const named = some.slice(0, MAX_NAMED).map(({ name, value }) => `${name} ${format(value)}`);
  const others = some.length - named.length;
  return [...named, ...(others > 0 ? [`${others} more`] : [])].join(', ');
}
