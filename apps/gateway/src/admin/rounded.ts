/** Returns a number rounded to so many parts of one. */
export function rounded<T extends number | undefined>(value: T, parts: number): T {
  return (value === undefined ? undefined : Math.round(value * parts) / parts) as T;
}
