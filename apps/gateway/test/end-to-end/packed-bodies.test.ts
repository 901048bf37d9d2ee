import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const json = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] });
const path = '/openai/v1/chat/completions';

const packings: [string, (text: string | Buffer) => Buffer][] = [
  ['gzip', zlib.gzipSync],
  ['x-gzip', zlib.gzipSync],
  ['deflate', zlib.deflateSync],
  ['br', zlib.brotliCompressSync],
  // Missing in Node 20.
  ...('zstdCompressSync' in zlib ? [['zstd', zlib.zstdCompressSync] as [string, typeof zlib.gzipSync]] : []),
];

async function startMapped(deployments: Record<string, string>) {
  const recorder = await startRecorder();
  const gateway = await startGatewayFor([{ name: 'a', url: recorder.url, apiKey: 'x', deployments }]);
  return { gateway, requests: recorder.requests };
}

const headersOf = ({ rawHeaders }: { rawHeaders: readonly string[] }) => rawHeaders.join('\n').toLowerCase();

test.each(packings)(
  'a body in %s is sent unpacked where the deployment has another name',
  async (packing, pack) => {
    const { gateway, requests } = await startMapped({ 'gpt-4o': 'gpt-4o-eu' });
    const response = await post(gateway, path, pack(json), { headers: { 'content-encoding': packing } });
    expect(response.status).toBe(200);
    expect(requests[0]!.body.toString()).toBe(json.replace('gpt-4o', 'gpt-4o-eu'));
    expect(headersOf(requests[0]!)).not.toContain('content-encoding');
    expect(await gateway.log.request()).toMatchObject({ deployment: 'gpt-4o' });
  },
);

test.each(packings)('a body in %s is sent as it came where it has the same', async (packing, pack) => {
  const { gateway, requests } = await startMapped({ other: 'x' });
  const packed = pack(json);
  await post(gateway, path, packed, { headers: { 'content-encoding': packing } });
  expect(requests[0]!.body).toEqual(packed);
  expect(headersOf(requests[0]!)).toContain(`content-encoding\n${packing}`);
  expect(await gateway.log.request()).toMatchObject({ deployment: 'gpt-4o' });
});

test.each([
  ['broken', zlib.gzipSync(json).subarray(0, 20)],
  ['too much to be unpacked', zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024))],
])('a body that is %s is the backend’s to judge', async (_, packed) => {
  const { gateway, requests } = await startMapped({ 'gpt-4o': 'gpt-4o-eu' });
  expect((await post(gateway, path, packed, { headers: { 'content-encoding': 'gzip' } })).status).toBe(200);
  expect(requests[0]!.body).toEqual(packed);
});

test('a body may begin with a byte order mark', async () => {
  const { gateway, requests } = await startMapped({ 'gpt-4o': 'gpt-4o-eu' });
  await post(gateway, path, `\u{feff}${json}`);
  expect(requests[0]!.body.toString()).toBe(`\u{feff}${json.replace('gpt-4o', 'gpt-4o-eu')}`);
});

test('a deployment may be asked for with its maker before it', async () => {
  const { gateway, requests } = await startMapped({ 'azure/gpt-4o': 'gpt-4o-eu' });
  await post(gateway, path, json.replace('gpt-4o', 'azure/gpt-4o'));
  expect(requests[0]!.body.toString()).toBe(json.replace('gpt-4o', 'gpt-4o-eu'));
});

test('the base model of a fine-tuning job is no deployment', async () => {
  const { gateway, requests } = await startMapped({ 'gpt-4o': 'gpt-4o-eu' });
  await post(gateway, '/openai/v1/fine_tuning/jobs', json);
  expect(requests[0]!.body.toString()).toBe(json);
});

test('a recording of 25 MB may have its model after the file', async () => {
  const { gateway, requests } = await startMapped({ whisper: 'whisper-eu' });
  const form = Buffer.concat([
    Buffer.from('--B\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'),
    Buffer.alloc(25 * 1024 * 1024, 'x'),
    Buffer.from('\r\n--B\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper\r\n--B--\r\n'),
  ]);
  const headers = { 'content-type': 'multipart/form-data; boundary=B' };
  const response = await post(gateway, '/openai/v1/audio/transcriptions', form, { headers });
  expect([response.status, response.headers.get('x-spillway-replay')]).toEqual([200, null]);
  expect(requests[0]!.body.subarray(-20).toString()).toContain('whisper-eu');
});
