import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { startHttpBackend } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEYS = { narrow: makeKey(), wide: makeKey() };
const clients = [
  { name: 'narrow', keys: [{ sha256: sha256(KEYS.narrow) }], deployments: ['gpt-4o'] },
  { name: 'wide', keys: [{ sha256: sha256(KEYS.wide) }] },
];
const foundry = '{"value":[{"name":"o3","modelName":"o3"},{"name":"gpt-4o"}]}';
const claude = '{"data":[{"id":"o3"},{"id":"gpt-4o"}],"has_more":false,"first_id":"o3","last_id":"gpt-4o"}';
const json = { 'content-type': 'application/json' };

test.each<[string, string, string | Buffer, object, object]>([
  ['a Foundry project', '/api/projects/p/deployments', foundry, json, { value: [{ name: 'gpt-4o' }] }],
  [
    'Claude’s API',
    '/anthropic/v1/models',
    claude,
    json,
    { data: [{ id: 'gpt-4o' }], has_more: false, first_id: 'gpt-4o', last_id: 'gpt-4o' },
  ],
  ['a bare list', '/v1/models', '[{"id":"o3"}]', json, { object: 'list', data: [] }],
  ['another shape', '/models', '{"models":[{"id":"o3"}]}', json, { object: 'list', data: [] }],
  ['a text', '/openai/models', '["o3"]', { 'content-type': 'text/plain' }, { object: 'list', data: [] }],
  [
    'a packed list',
    '/openai/deployments',
    gzipSync(foundry),
    { ...json, 'content-encoding': 'gzip' },
    { value: [{ name: 'gpt-4o' }] },
  ],
])(
  'of what %s lists, a client sees no deployment that it may not use',
  async (_, path, body, type, shown) => {
    const { url } = await startHttpBackend((req, res) => {
      req.resume();
      res.writeHead(200, { ...type }).end(body);
    });
    const scene = await startGatewayFor([{ name: 'a', url, apiKey: 'k' }], { clients });
    const ask = async (key: string) =>
      (await fetch(scene.url + path, { headers: { 'api-key': key } })).text();
    const answer = await ask(KEYS.narrow);
    expect(JSON.parse(answer)).toMatchObject(shown);
    expect(answer).not.toContain('o3');
    expect(await ask(KEYS.wide)).toContain('o3');
  },
);
