import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const REFERRING = {
  container: [
    '/anthropic/v1/messages',
    { model: 'claude', max_tokens: 1, messages: [], container: 'container_1' },
  ],
  prompt: ['/openai/v1/responses', { model: 'gpt-4o', prompt: { id: 'pmpt_1' } }],
  skill: ['/openai/v1/containers', { name: 'x', skills: [{ type: 'skill_reference', skill_id: 'skill_1' }] }],
  audio: [
    '/openai/v1/chat/completions',
    { model: 'gpt-4o', messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] },
  ],
} as const;

/** Starts `a`, which refuses every request in these words, and `b`, which has everything unless it refuses too. */
async function startPair(status: number, message: string, hasNobody = false) {
  const asked: string[] = [];
  const start = (name: string) =>
    startHttpBackend(async (req, res) => {
      await text(req);
      asked.push(name);
      const isRefused = name === 'a' || hasNobody;
      res.writeHead(isRefused ? status : 200, { 'content-type': 'application/json' });
      res.end(
        JSON.stringify(
          isRefused ? { error: { message: `${message} (${name})` } } : { id: 'x', choices: [{}] },
        ),
      );
    });
  const [a, b] = await Promise.all(['a', 'b'].map(start));
  const gateway = await startGatewayFor([
    { name: 'a', url: a!.url, apiKey: 'x', priority: 1 },
    { name: 'b', url: b!.url, apiKey: 'x', priority: 2 },
  ]);
  const ask = async (kind: keyof typeof REFERRING) => {
    const response = await post(gateway, REFERRING[kind][0], REFERRING[kind][1]);
    const backend = response.headers.get('x-spillway-backend');
    return { status: response.status, backend, body: await response.text() };
  };
  return { asked, ask };
}

test.each<[keyof typeof REFERRING, number, string]>([
  ['container', 404, 'Container gone.'],
  ['container', 400, 'The container has expired.'],
  ['prompt', 404, 'Prompt not found.'],
  ['skill', 404, 'No such skill.'],
  ['audio', 400, 'Audio not found or expired.'],
])(
  'an object (%s) that a backend does not have is looked for elsewhere although its %d names no id: %s',
  async (kind, status, message) => {
    const { asked, ask } = await startPair(status, message);
    expect(await ask(kind)).toMatchObject({ status: 200, backend: 'b' });
    expect(await ask(kind)).toMatchObject({ status: 200, backend: 'b' });
    // Its owner is then known.
    expect(asked).toEqual(['a', 'b', 'b']);
  },
);

test('an object that nobody has, in messages that name no id, is refused as the first backend refuses it', async () => {
  const { asked, ask } = await startPair(404, 'Prompt not found.', true);
  expect(await ask('prompt')).toMatchObject({
    status: 404,
    backend: 'a',
    body: '{"error":{"message":"Prompt not found. (a)"}}',
  });
  expect(asked).toEqual(['a', 'b']);
});
