/**
 * Returns headers without one, in any spelling.
 *
 * @param rawHeaders names and values in turn, as is the answer
 * @param name in lower case
 */
export function withoutHeader(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => rawHeaders[i - (i % 2)]?.toLowerCase() !== name);
}
