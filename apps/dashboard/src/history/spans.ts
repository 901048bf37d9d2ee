/** A span of seconds, by their indices; `to` is not part of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Returns the spans in which a flag was set. */
export function spansOf(flags: readonly boolean[]): Span[] {
  const spans: Span[] = [];
  let from = -1;
  for (const [place, isSet] of flags.entries()) {
    if (isSet && from === -1) from = place;
    if (!isSet && from !== -1) {
      spans.push({ from, to: place });
      from = -1;
    }
  }
  if (from !== -1) spans.push({ from, to: flags.length });
  return spans;
}

/** Returns in which seconds any of several flags was set. */
export function anyOf(flags: readonly (readonly boolean[])[]): boolean[] {
  return (flags[0] ?? []).map((_, place) => flags.some((one) => one[place] === true));
}

/** Returns the mean of the known values; undefined if there is none. */
export function meanOf(values: readonly number[]): number | undefined {
  const seen = values.filter((value) => !Number.isNaN(value));
  return seen.length === 0 ? undefined : seen.reduce((sum, value) => sum + value, 0) / seen.length;
}
