import { get } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { askAdmin } from '../testing/ask-admin.ts';
import { spawnGateway } from '../testing/spawn-gateway.ts';
import { startScene } from '../testing/start-scene.ts';

const MAX_BYTES_OVER_THE_WIRE = 150_000;

interface File {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

function fetchFile(url: string | URL, accepted?: string): Promise<File> {
  const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      buffer(response).then((body) => resolve({ headers: response.headers, body }), reject);
    }).on('error', reject);
  });
}

function assetsOf(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, address]) => address!);
}

test('the bundle alone serves the whole page, in no more than 150 KB', async () => {
  const adminUrl = await spawnGateway({
    PORT: '0',
    BACKEND_1_URL: 'http://127.0.0.1:1',
    BACKEND_1_APIKEY: 'none',
  }).adminUrl;
  const page = await fetchFile(adminUrl, 'gzip, deflate, br, zstd');
  expect(page.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-encoding': 'br',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'content-security-policy': expect.stringMatching(/^default-src 'self';.* frame-ancestors 'none'/),
  });
  const assets = assetsOf(brotliDecompressSync(page.body).toString());
  expect(assets.map((address) => address.replace(/^.*\./, '')).sort()).toEqual(['css', 'js', 'svg']);
  let bytes = page.body.length;
  for (const address of assets) {
    const { headers, body } = await fetchFile(new URL(address, adminUrl), 'br');
    expect(headers).toMatchObject({
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    bytes += body.length;
    const text = brotliDecompressSync(body).toString();
    // The buttons that throttle mocks are for development only.
    expect(text).not.toContain('dev/throttle');
  }
  expect(bytes).toBeLessThan(MAX_BYTES_OVER_THE_WIRE);
});

test('a client that takes no brotli gets the page by gzip, or as it is', async () => {
  const { adminUrl } = await startScene([{}]);
  const plain = await fetchFile(adminUrl);
  expect(plain.headers).not.toHaveProperty('content-encoding');
  expect(plain.body.toString()).toContain('<title>Spillway</title>');
  expect(plain.headers).toMatchObject({
    'content-security-policy': expect.stringMatching(/^default-src 'self';.* frame-ancestors 'none'/),
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': expect.stringContaining('camera=()'),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  const refused = await fetchFile(adminUrl, 'br;q=0, identity');
  expect(refused.body).toEqual(plain.body);
  const packed = await fetchFile(adminUrl, 'gzip, deflate');
  expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
  expect(gunzipSync(packed.body)).toEqual(plain.body);
  expect(brotliDecompressSync((await fetchFile(adminUrl, 'br;q=0.5')).body)).toEqual(plain.body);
});

test('the page is there without a token, and nothing else is', async () => {
  const scene = await startScene([{}], { admin: { port: 0, token: 'a-token-of-operators' } });
  expect((await askAdmin(scene, '/')).status).toBe(200);
  expect((await askAdmin(scene, '/', { method: 'HEAD' })).text).toBe('');
  for (const path of ['/index.html.br', '/assets/', '/assets/..%2findex.html', '/admin/state'])
    expect((await askAdmin(scene, path)).status).toBe(401);
  expect((await askAdmin(scene, '/', { headers: { host: 'evil.example' } })).status).toBe(403);
});
