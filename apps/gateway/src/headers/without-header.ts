/**
 * Returns headers without one of them, in any spelling.
 *
 * @param rawHeaders alternating names and values, like the result
 * @param name in lower case
 */
export function withoutHeader(rawHeaders: readonly string[], name: string): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] as string;
    if (header.length === name.length && header.toLowerCase() === name) continue;
    kept.push(header, rawHeaders[i + 1] as string);
  }
  return kept;
}
