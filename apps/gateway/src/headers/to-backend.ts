import { connectionNamed, HeaderFilter, HOP_BY_HOP } from './header-filter.ts';

/** How clients and the proxies before them spell a credential: `x-litellm-api-key`, `X-Auth-Token`, `Helicone-Auth` … */
const CREDENTIALS =
  /(?:^|[-_])(?:(?:api|access|functions|master|private|secret|subscription|virtual)[-_]?key|auth|jwt|password|secret|(?:access)?token|(?:assertion|authentication|authorization)(?:[-_]\w+)?)$/;

/** What ends as a credential does, and is for the backend: a place in a list, and what a backend's own agent is called with. */
const OF_BACKENDS = /(?:^|[-_])continuation[-_]token$|^agent[-_]access[-_]token$/;

/** What is never passed on to a backend. */
const DROPPED = [
  ...HOP_BY_HOP,
  // The client's credential is for the gateway; the backend gets its own.
  'authorization',
  'cookie',
  'cookie2',
  'x-amzn-oidc-data',
  'x-ms-client-principal',
  // Say to the gateway which backend it is to be, and how urgent it is.
  'x-spillway-backend',
  'x-spillway-priority',
  // Say that another path or method is meant than the one that was looked at: IIS, Symfony and others act on them.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-envoy-original-path',
  'x-waws-unencoded-url',
  // Of the client's connection and body: undici says its own of the backend's.
  'host',
  'content-length',
  'expect',
];

const filter = new HeaderFilter(DROPPED, (name) => CREDENTIALS.test(name) && !OF_BACKENDS.test(name));

/**
 * Returns the headers that a backend gets: the client's, in their order and spelling, less what is the connection's or
 * the client's credential, and with the backend's own credential.
 *
 * @param rawHeaders names and values in turn, as is the answer
 */
export function headersToBackend(
  rawHeaders: readonly string[],
  credential: readonly [name: string, value: string],
): string[] {
  const headers = [credential[0], credential[1]];
  let connection: string | undefined;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const value = rawHeaders[i + 1] as string;
    const passed = filter.pass(name);
    if (passed !== '') headers.push(passed, value);
    else if (name.toLowerCase() === 'connection')
      connection = connection === undefined ? value : `${connection},${value}`;
  }
  const named = connectionNamed(connection);
  return named.length === 0 ? headers : withoutNamed(headers, named);
}

/** Leaves out what the client's `Connection` headers name, but not the first: that is the gateway's own. */
function withoutNamed([name = '', value = '', ...headers]: readonly string[], named: readonly string[]) {
  const kept = [name, value];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const header = headers[i] as string;
    if (!named.includes(header.toLowerCase())) kept.push(header, headers[i + 1] as string);
  }
  return kept;
}
