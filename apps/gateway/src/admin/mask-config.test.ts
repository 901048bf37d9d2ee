import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../config/schema.ts';
import { maskConfig, SECRET_KEYS } from './mask-config.ts';

interface Node {
  readonly allowed?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** Returns the names of all keys below a node that are described as secret. */
function secretsOf({ properties = {}, items, anyOf = [] }: Node): string[] {
  const own = Object.entries(properties).filter(([, { allowed = '' }]) => allowed.includes('without spaces'));
  const below = [...Object.values(properties), ...anyOf, ...(items === undefined ? [] : [items])];
  return [...own.map(([name]) => name), ...below.flatMap(secretsOf)];
}

test('every key of the configuration that holds a secret is masked', () => {
  const names = secretsOf(z.toJSONSchema(configSchema, { io: 'input' }) as Node);
  expect(new Set(names)).toEqual(new Set(['apiKey', 'clientSecret', 'key', 'token']));
  expect(names.filter((name) => !SECRET_KEYS.has(name))).toEqual([]);
});

test('a configuration is shown without secrets and the texts of certificates, and otherwise as it is', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nSECRET';
  expect(
    maskConfig({
      port: 8080,
      backends: [{ url: 'https://a', apiKey: 'SECRET', tls: { ca: pem, key: '/etc/key.pem' } }],
      server: { tls: { cert: '/etc/cert.pem', key: pem } },
      cors: undefined,
      admin: false,
    }),
  ).toEqual({
    port: 8080,
    backends: [{ url: 'https://a', apiKey: '***', tls: { ca: '(PEM)', key: '***' } }],
    server: { tls: { cert: '/etc/cert.pem', key: '***' } },
    cors: undefined,
    admin: false,
  });
});

test.each([
  ['https://user:SECRET@login.example/path', 'https://***@login.example/path'],
  ['http://SECRET@host', 'http://***@host'],
  ['https://host/a@b', 'https://host/a@b'],
  ['api://a', 'api://a'],
])('of a URL %s the user and the password are masked', (url, shown) => {
  expect(maskConfig({ authority: url })).toEqual({ authority: shown });
});
