import type { Reply } from './ask-mock.ts';

const connectionHeaders = new Set(['connection', 'keep-alive']);
const framingHeaders = new Set(['content-length', 'date', 'transfer-encoding']);
const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Writes the status line. */
export function statusLine({ status, reason }: Reply): string {
  return `HTTP/1.1 ${status} ${reason}`;
}

/** Writes every header in the order received, except those of the connection and the framing. */
export function modelHeaderLines({ headers }: Reply): string[] {
  const told = headers.filter(
    ([name]) => !connectionHeaders.has(name.toLowerCase()) && !framingHeaders.has(name.toLowerCase()),
  );
  return hideIds(told.map(([name, value]) => `${name}: ${value}`));
}

/** Writes every header except those of the connection, in alphabetical order. */
export function allHeaderLines({ headers }: Reply): string[] {
  const told = headers.filter(([name]) => !connectionHeaders.has(name.toLowerCase()));
  const lines = told.map(([name, value]) => `${name}: ${name === 'Date' ? '<date>' : value}`);
  return hideIds(lines.sort((one, other) => one.localeCompare(other, 'en')));
}

/** Writes the headers of these names, spelt as given, and says which are missing. */
export function namedHeaderLines({ headers }: Reply, ...names: readonly string[]): string[] {
  const values = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const line = (name: string) => {
    const value = values.get(name.toLowerCase());
    return value === undefined ? `no ${name}` : `${name}: ${value}`;
  };
  return hideIds(names.map(line));
}

/** Writes the body, one entry for each of its lines. */
export function bodyLines({ body }: Reply): string[] {
  return hideIds(body.split('\n'));
}

/** Replaces every id by a placeholder, the same id by the same one. */
function hideIds(lines: readonly string[]): string[] {
  const ids = new Map<string, string>();
  return lines.map((line) =>
    line.replaceAll(uuid, (id) => {
      const placeholder = ids.get(id) ?? `<uuid ${ids.size + 1}>`;
      ids.set(id, placeholder);
      return placeholder;
    }),
  );
}
