import { expect, test } from 'vitest';
import OpenAI from 'openai';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

/** Starts `a`, which has nothing and is asked first, and `b`, which has every video. */
async function startPair() {
  const asked: string[] = [];
  const start = (name: string) =>
    startHttpBackend((req, res) => {
      req.resume();
      asked.push(`${name} ${req.method} ${req.url}`);
      res.writeHead(name === 'a' ? 404 : 200, { 'content-type': 'application/json' });
      const missing = { error: { message: 'Video with id video_1 not found.', code: null } };
      res.end(JSON.stringify(name === 'a' ? missing : { id: 'video_1', object: 'video' }));
    });
  const [a, b] = await Promise.all(['a', 'b'].map(start));
  const gateway = await startGatewayFor([
    { name: 'a', url: a!.url, apiKey: 'x', priority: 1 },
    { name: 'b', url: b!.url, apiKey: 'x', priority: 2 },
  ]);
  return { asked, client: new OpenAI({ baseURL: `${gateway.url}/openai/v1`, apiKey: 'x', maxRetries: 0 }) };
}

/** As openai-python sends it: always as a form. */
function editOf(): FormData {
  const form = new FormData();
  form.set('prompt', 'A cat');
  form.set('video[id]', 'video_1');
  return form;
}

test('a video that a form refers to is edited where it is', async () => {
  const { asked, client } = await startPair();
  const edit = () => client.post('/videos/edits', { body: editOf() });
  expect(await edit()).toMatchObject({ id: 'video_1' });
  expect(asked).toEqual(
    ['a', 'b']
      .map((name) => `${name} GET /openai/v1/videos/video_1`)
      .concat('b POST /openai/v1/videos/edits'),
  );
  asked.length = 0;
  await edit();
  expect(asked).toEqual(['b POST /openai/v1/videos/edits']);
});
