import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Client, EnvHttpProxyAgent } from 'undici';
import { isNamedBy } from '../../src/config/no-proxy.ts';
import { proxyOf } from '../../src/config/proxies.ts';

interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
}
const BOTH: Proxies = { httpProxy: 'http://proxy.test', httpsProxy: 'http://proxy.test' };

/** Returns the proxy that undici's own agent would use, without making a connection. */
async function undicisProxy(
  origin: string,
  noProxy: string,
  proxies: Proxies = BOTH,
): Promise<string | undefined> {
  const opened: (string | undefined)[] = [];
  const opens = (way?: string) => (_: unknown, callback: (error: Error, socket: null) => void) => {
    opened.push(way);
    callback(new Error('no connection is made'), null);
  };
  const agent = new EnvHttpProxyAgent({
    ...proxies,
    noProxy,
    connect: opens(),
    clientFactory: (proxy) => new Client(proxy, { connect: opens(new URL(proxy).origin) }),
    proxyTunnel: true,
  });
  await agent.request({ origin, path: '/', method: 'GET' }).catch(() => {});
  expect(opened).toHaveLength(1);
  return opened[0];
}

const host = fc.constantFrom(
  'example.com',
  'x.example.com',
  'X.Example.com',
  'badexample.com',
  'com',
  'example.com.',
  '10.0.0.1',
  '[fd00::1]',
);
const port = fc.constantFrom('', ':80', ':443', ':8080');
const url = fc.tuple(fc.constantFrom('http://', 'https://'), host, port).map((parts) => parts.join(''));
const entry = fc.tuple(fc.constantFrom('', '.', '*.', '*'), fc.oneof(host, fc.constant('')), port);
const named = fc.oneof(
  // There are no names below an address in brackets.
  entry.map((parts) => parts.join('')).filter((text) => !/^[.*]+\[/.test(text)),
  fc.constantFrom('fd00::1', '::1', '*', ''),
);
const separator = fc.constantFrom(',', ' ', ', ', ',,');
const noProxy = fc.tuple(fc.array(named, { maxLength: 3 }), separator).map(([all, by]) => all.join(by));

test('NO_PROXY covers exactly the backends that it covers for undici’s own agent', async () => {
  await fc.assert(
    fc.asyncProperty(url, noProxy, async (origin, list) => {
      const isProxied = (await undicisProxy(origin, list)) !== undefined;
      expect(!isNamedBy(list, new URL(origin))).toBe(isProxied);
    }),
    { numRuns: 1000 },
  );
});

test('HTTPS_PROXY and HTTP_PROXY name the proxies that they name for undici’s own agent', async () => {
  for (const origin of ['http://example.com', 'https://example.com'])
    for (const httpProxy of ['', 'http://one.test'])
      for (const httpsProxy of ['', 'http://two.test']) {
        const proxy = proxyOf(origin, { HTTP_PROXY: httpProxy, HTTPS_PROXY: httpsProxy });
        expect(proxy).toBe(await undicisProxy(origin, '', { httpProxy, httpsProxy }));
      }
});

test('ALL_PROXY comes before HTTP_PROXY for HTTPS, as for curl, which knows no other', () => {
  const env = { HTTP_PROXY: 'http://one.test', ALL_PROXY: 'all.test' };
  expect(proxyOf('https://example.com', env)).toBe('http://all.test');
  expect(proxyOf('http://example.com', env)).toBe('http://one.test');
});
