/** The head of a request or a response. */
export interface Head {
  readonly startLine: string;
  /** By name in lower case; values of the same name are joined with commas. */
  readonly headers: ReadonlyMap<string, string>;
}

const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s;

/**
 * Reads a head, its empty last line left out, as strictly as RFC 9112 allows.
 *
 * @throws Error that names the line that cannot be read
 */
export function readHead(text: string): Head {
  const [startLine = '', ...lines] = text.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = HEADER.exec(line);
    if (match === null || /[\r\n\0]/.test(line)) throw new Error(`a header is ${JSON.stringify(line)}`);
    const [, name = '', value = ''] = match;
    const known = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`);
  }
  return { startLine, headers };
}
