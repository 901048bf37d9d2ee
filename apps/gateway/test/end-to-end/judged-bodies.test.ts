import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const MISSING = { code: null, message: "The API deployment 'gpt-4o' for this resource does not exist." };

const packings = {
  gzip: zlib.gzipSync,
  br: zlib.brotliCompressSync,
  deflate: zlib.deflateSync,
  'deflate, raw': zlib.deflateRawSync,
} as const;

test.each(Object.entries(packings))(
  'a refusal packed as %s is judged by what it says, and passed on as it came if all agree',
  async (coding, pack) => {
    const body = pack(JSON.stringify({ error: { code: '404', message: 'Resource not found' } }));
    const refusing = () =>
      startHttpBackend((_, res) => {
        res.writeHead(404, { 'content-encoding': coding.split(',')[0], 'content-type': 'application/json' });
        res.end(body);
      });
    const serving = await startHttpBackend((_, res) => res.end('{}'));
    const [a, b] = [await refusing(), await refusing()];

    const one = await startGatewayFor([
      { url: a.url, apiKey: 'k' },
      { url: serving.url, apiKey: 'k', priority: 2 },
    ]);
    expect((await post(one)).status).toBe(200);
    const both = await startGatewayFor([
      { url: a.url, apiKey: 'k' },
      { url: b.url, apiKey: 'k' },
    ]);
    const response = await post(both);
    expect(response.status).toBe(404);
    expect(response.headers.get('x-spillway-attempts')).toBe('2');
    expect(await response.json()).toMatchObject({ error: { message: 'Resource not found' } });
  },
);

test('a deployment that is missing by the message alone, in gzip, is sought elsewhere', async () => {
  const a = await startHttpBackend((_, res) => {
    res.writeHead(404, { 'content-encoding': 'gzip' });
    res.end(zlib.gzipSync(JSON.stringify({ error: MISSING })));
  });
  const b = await startHttpBackend((_, res) => res.end('{}'));
  const scene = await startGatewayFor([
    { url: a.url, apiKey: 'k' },
    { url: b.url, apiKey: 'k', priority: 2 },
  ]);
  expect((await post(scene)).status).toBe(200);
});
