import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { post } from '../testing/post.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const AGENTS = '/api/projects/p/agents';

/** A backend that creates agents by any name, and has only one that throttles them. */
function startAgents(isBusy = false) {
  return startHttpBackend(async (req, res) => {
    const { name = 'x' } = JSON.parse((await text(req)) || '{}') as { name?: string };
    const isRefused = isBusy && req.url?.startsWith(AGENTS);
    res.writeHead(isRefused ? 429 : 200, { 'content-type': 'application/json', 'retry-after-ms': '1' });
    res.end(JSON.stringify(isRefused ? { error: { code: '429', message: 'No.' } } : { id: name, name }));
  });
}

const OPERATIONS: readonly [name: string, path: string][] = [
  ['compact', '/openai/v1/responses/compact'],
  ['input_tokens', '/openai/v1/responses/input_tokens'],
  ['jobs', '/openai/v1/fine_tuning/jobs'],
  ['voices', '/openai/v1/audio/voices'],
  ['versions', `${AGENTS}/other/versions`],
];

test.each(OPERATIONS.filter(([, path]) => !path.startsWith(AGENTS)))(
  'an agent called %s keeps no other request with its backend: %s',
  async (name, path) => {
    const gateway = await startGatewayFor(
      [
        { name: 'a', url: (await startAgents(true)).url, apiKey: 'x', priority: 1 },
        { name: 'b', url: (await startAgents()).url, apiKey: 'x', priority: 2 },
      ],
      { cooldown: { floorMs: 1 } },
    );
    const backendOf = async (asked: string, body: object) => {
      const response = await post(gateway, asked, body);
      await response.text();
      return response.headers.get('x-spillway-backend');
    };
    expect(await backendOf(AGENTS, { name })).toBe('b');
    expect(await backendOf(`${AGENTS}/${name}`, {})).toBe('b');
    expect(await backendOf(path, { model: 'gpt-4o', input: 'x' })).toBe('a');
  },
);

test.each([...OPERATIONS, ['completions', '/openai/v1/chat/completions'] as const])(
  'an agent called %s is its client’s alone, and keeps no other client from %s',
  async (name, path) => {
    const keys = { a: makeKey(), b: makeKey() };
    const clients = (['a', 'b'] as const).map((one) => ({
      name: one,
      keys: [{ sha256: sha256(keys[one]) }],
    }));
    const gateway = await startGatewayFor([{ name: 'x', url: (await startAgents()).url, apiKey: 'k' }], {
      clients,
    });
    const statusOf = async (key: string, asked: string, body: object) => {
      const response = await post(gateway, asked, body, { headers: { 'api-key': key } });
      await response.text();
      return response.status;
    };
    expect(await statusOf(keys.b, AGENTS, { name: 'other' })).toBe(200);
    expect(await statusOf(keys.a, AGENTS, { name })).toBe(200);
    expect(await statusOf(keys.a, `${AGENTS}/${name}`, {})).toBe(200);
    expect(await statusOf(keys.b, `${AGENTS}/${name}`, {})).toBe(404);
    const body = { model: 'gpt-4o', input: 'x', user: 'file_id' };
    expect(await statusOf(keys.b, path, body)).toBe(200);
  },
);
