/** One number of a run, so that it can be compared with the same number of another run. */
export interface Figure {
  readonly name: string;
  /** `null` where there was nothing to measure. */
  readonly value: number | null;
  readonly unit: string;
  /** Whether a higher or a lower one is better; absent where neither is. */
  readonly better?: 'higher' | 'lower' | undefined;
}

/** Returns a figure as people read it. */
export function showFigure({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  if (value === null) return '–';
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '' ? number : `${number} ${unit}`;
}
