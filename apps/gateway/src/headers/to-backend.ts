import { connectionNamed, HeaderFilter, HOP_BY_HOP } from './header-filter.ts';

/** How clients and their proxies name a credential's header: `x-litellm-api-key`, `X-Auth-Token`, `Helicone-Auth` … */
const CREDENTIALS =
  /(?:^|[-_])(?:(?:api|access|functions|master|private|secret|subscription|virtual)[-_]?key|auth|jwt|password|secret|(?:access)?token|(?:assertion|authentication|authorization)(?:[-_]\w{1,64})?)$/;

/**
 * Names that end like a credential's but are meant for the backend: a place in a list, and the headers for calling a
 * backend's own agent.
 */
const OF_BACKENDS = /(?:^|[-_])continuation[-_]token$|^agent[-_]access[-_]token$/;

/** Headers that are never passed on to a backend. */
const DROPPED = [
  ...HOP_BY_HOP,
  // The client's credential is for the gateway; the backend gets its own.
  'authorization',
  'cookie',
  'cookie2',
  'x-amzn-oidc-data',
  'x-ms-client-principal',
  // Tell the gateway which backend to use, and how urgent the request is.
  'x-spillway-backend',
  'x-spillway-priority',
  // Mean another path or method than the one that was checked: IIS, Symfony and others obey them.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-envoy-original-path',
  'x-waws-unencoded-url',
  // Concern the client's connection and body: undici sends its own for the backend's.
  'host',
  'content-length',
  'expect',
];

const filter = new HeaderFilter(DROPPED, (name) => CREDENTIALS.test(name) && !OF_BACKENDS.test(name));

/**
 * Returns the headers for a backend: the client's, in their order and spelling, without those of the connection and the
 * client's credential, and with the backend's own credential.
 *
 * @param rawHeaders alternating names and values, like the result
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

/** Removes the headers that the client's `Connection` headers name, except the first: that is the gateway's own. */
function withoutNamed([name = '', value = '', ...headers]: readonly string[], named: readonly string[]) {
  const kept = [name, value];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const header = headers[i] as string;
    if (!named.includes(header.toLowerCase())) kept.push(header, headers[i + 1] as string);
  }
  return kept;
}
