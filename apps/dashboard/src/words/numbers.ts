const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** Returns a count in at most four characters, such as `940`, `6.2k` or `62k`. */
export function formatCount(value: number): string {
  if (value < 1000) return String(Math.round(value));
  const [amount, unit] = value < 999_500 ? [value / 1000, 'k'] : [value / 1_000_000, 'M'];
  return `${amount < 9.95 ? amount.toFixed(1).replace(/\.0$/, '') : Math.round(amount)}${unit}`;
}

/** Returns a rate per second: one decimal below ten, none above. */
export function formatRate(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1).replace(/\.0$/, '') : formatCount(perSecond);
}

/** Returns a span such as `0:12` or `3:05`, rounded up, so that it reads 0:00 only when it is over. */
export function formatCountdown(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / MINUTE_S)}:${String(seconds % MINUTE_S).padStart(2, '0')}`;
}

/** Returns a span in its one or two largest units, such as `9 s`, `4 min` or `2 d 3 h`. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < MINUTE_S) return `${seconds} s`;
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min`;
  if (seconds < DAY_S)
    return joinUnits(Math.floor(seconds / HOUR_S), 'h', Math.floor((seconds % HOUR_S) / MINUTE_S), 'min');
  return joinUnits(Math.floor(seconds / DAY_S), 'd', Math.floor((seconds % DAY_S) / HOUR_S), 'h');
}

/** Returns a duration in ms or s, in the usual form of latencies. */
export function formatLatency(ms: number): string {
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1).replace(/\.?0+$/, '') || '0'} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function formatPercent(share: number): string {
  return share > 0 && share < 0.01 ? '<1 %' : `${Math.round(share * 100)} %`;
}

/** Of more names, sentences have only the number. */
export const MAX_NAMED = 3;

/**
 * Joins names as in a sentence: `a`, `a and b`, `a, b and c`; if there are more than three, returns only their number.
 */
export function joinNames(names: readonly string[], things: string): string {
  if (names.length > MAX_NAMED) return `${names.length} ${things}`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
