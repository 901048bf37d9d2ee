import { HeaderNames } from './header-names.ts';
import { connectionNamed, HOP_BY_HOP } from './hop-by-hop.ts';

/** Never passed on to a backend, besides the hop-by-hop headers. */
const DROPPED = new HeaderNames([
  ...HOP_BY_HOP,
  // The client's credential is for the gateway; the backend gets its own.
  'api-key',
  'authorization',
  'ocp-apim-subscription-key',
  // Say to the gateway which backend it is to be, and how urgent it is.
  'x-spillway-backend',
  'x-spillway-priority',
  // undici sets them for the backend's connection and the body as it is sent.
  'host',
  'content-length',
  'expect',
]);

/**
 * Answers the headers that a backend gets: the client's, in their order and spelling, less what is the connection's or
 * the client's credential, and with the backend's own credential.
 *
 * @param rawHeaders names and values in turn, as is the answer
 */
export function headersToBackend(
  rawHeaders: readonly string[],
  credential: readonly [name: string, value: string],
): string[] {
  const headers = [credential[0], credential[1]];
  const named = connectionNamed(connectionOf(rawHeaders));
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (DROPPED.has(name) || (named.length > 0 && named.includes(name.toLowerCase()))) continue;
    headers.push(name, rawHeaders[i + 1] as string);
  }
  return headers;
}

/** All `Connection` headers as one. */
function connectionOf(rawHeaders: readonly string[]): string | undefined {
  let connection: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    connection = connection === undefined ? rawHeaders[i + 1] : `${connection},${rawHeaders[i + 1]}`;
  }
  return connection;
}
