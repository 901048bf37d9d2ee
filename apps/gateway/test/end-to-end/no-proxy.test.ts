import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Client, EnvHttpProxyAgent } from 'undici';
import { isNamedBy } from '../../src/config/no-proxy.ts';

/** Returns whether undici's own agent would use a proxy, without making a connection. */
async function undiciUsesProxy(origin: string, noProxy: string): Promise<boolean> {
  const opened: string[] = [];
  const opens = (way: string) => (_: unknown, callback: (error: Error, socket: null) => void) => {
    opened.push(way);
    callback(new Error('no connection is made'), null);
  };
  const agent = new EnvHttpProxyAgent({
    httpProxy: 'http://proxy.test',
    httpsProxy: 'http://proxy.test',
    noProxy,
    connect: opens('direct'),
    clientFactory: (proxy) => new Client(proxy, { connect: opens('proxy') }),
    proxyTunnel: true,
  });
  await agent.request({ origin, path: '/', method: 'GET' }).catch(() => {});
  expect(opened).toHaveLength(1);
  return opened[0] === 'proxy';
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
      expect(!isNamedBy(list, new URL(origin))).toBe(await undiciUsesProxy(origin, list));
    }),
    { numRuns: 1000 },
  );
});
