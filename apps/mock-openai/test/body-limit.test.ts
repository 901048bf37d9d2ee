import { request as httpRequest } from 'node:http';
import { expect, test } from 'vitest';
import { bodyLimit } from '../src/answer/body-limit.ts';
import { toResource } from '../src/answer/resource.ts';
import { chatBody, chatPath, post } from './testing/post.ts';
import { start } from './testing/start.ts';
import type { IncomingMessage } from 'node:http';
import type { MockOptions } from '../src/options/options.ts';

const mebibyte = 1024 * 1024;
const options: MockOptions = { apiKey: 'secret', maxBodyBytes: 1000, script: '1x status(500)' };
const key = { 'api-key': 'secret' };

test.each([
  [chatPath, 100],
  ['/openai/v1/responses', 100],
  ['/openai/v1/files', 512],
  ['/openai/files?api-version=2024-10-21', 512],
  ['/openai/v1/audio/transcriptions', 25],
  ['/openai/deployments/whisper/audio/translations?api-version=2024-10-21', 25],
])('%s takes %i MiB, or what the mock is told', (url, mebibytes) => {
  expect(bodyLimit(toResource({}), url)).toBe(mebibytes * mebibyte);
  expect(bodyLimit(toResource({ maxBodyBytes: 7 }), url)).toBe(7);
});

test('a body that says it is too long gets a 413 and takes no step of the script', async () => {
  const mock = await start(options);
  const response = await post(mock, chatPath, 'x'.repeat(1001), { headers: key });
  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({
    error: {
      message: 'Maximum content size limit (1000) exceeded (1001 bytes read)',
      type: 'server_error',
      param: null,
      code: null,
    },
  });
  expect(mock.counters.byStatus).toEqual({ 413: 1 });
  const body = { ...chatBody, user: 'x'.repeat(900) };
  expect((await post(mock, chatPath, body, { headers: key })).status).toBe(500);
});

test('a body that does not say how long it is is refused when it has become too long', async () => {
  const mock = await start(options);
  const request = httpRequest(mock.url + chatPath, { method: 'POST', headers: key });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  request.write('x'.repeat(600));
  request.write('x'.repeat(600));
  // The request never ends, and is answered nevertheless.
  const response = await answered;
  expect(response.statusCode).toBe(413);
  request.destroy();
});

test('a wrong key is told before the length', async () => {
  const mock = await start(options);
  const response = await post(mock, chatPath, 'x'.repeat(5000), { headers: { 'api-key': 'wrong' } });
  expect(response.status).toBe(401);
});
