const headerBytes = 4000;

/** Makes headers that have so many bytes together on the wire, names and line ends included, or a few more. */
export function hugeHeaders(bytes: number): string[] {
  const headers: string[] = [];
  for (let left = bytes; left > 0; left -= headerBytes) {
    const name = `x-mock-padding-${headers.length / 2 + 1}`;
    const around = name.length + ': \r\n'.length;
    headers.push(name, 'x'.repeat(Math.max(1, Math.min(left, headerBytes) - around)));
  }
  return headers;
}
