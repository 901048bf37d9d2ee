import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { chatPath, post } from '../testing/post.ts';
import { startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEYS = { narrow: makeKey(), operations: makeKey(), budget: makeKey() };
const clients = [
  { name: 'narrow', keys: [{ sha256: sha256(KEYS.narrow) }], deployments: ['gpt-4o'] },
  {
    name: 'operations',
    keys: [{ sha256: sha256(KEYS.operations) }],
    deployments: ['gpt-4o'],
    allOperations: true,
  },
  {
    name: 'budget',
    keys: [{ sha256: sha256(KEYS.budget) }],
    allOperations: true,
    allObjects: true,
    budgets: [{ deployments: ['o3'], tpm: 1000 }],
  },
];

async function startNarrow(limits: object = {}) {
  const recorder = await startRecorder();
  const backends = [{ name: 'a', url: recorder.url, apiKey: 'k' }];
  const scene = await startGatewayFor(backends, { clients, limits });
  return { scene, requests: recorder.requests };
}

const HIDDEN: [string, string | Buffer, Record<string, string>?][] = [
  ['with a capital', '{"Model":"o3"}'],
  ['in a list', '{"model":["o3"]}'],
  ['in UTF-16', Buffer.from('{"model":"o3"}', 'utf16le')],
  ['in UTF-16 with a mark', Buffer.from('\u{feff}{"model":"o3"}', 'utf16le')],
  ['in UTF-16 the other way around', Buffer.from('{"model":"o3"}', 'utf16le').swap16()],
  ['in a charset of its own', '{"+AG0-odel":"o3"}', { 'content-type': 'application/json; charset=utf-7' }],
  ['in single quotes', `{'model':'o3'}`],
  ['behind a comment', '/**/{"model":"o3"}'],
  ['as a form of a page has it', 'model=o3', { 'content-type': 'application/x-www-form-urlencoded' }],
];

test.each(HIDDEN)(
  'a client that reaches all operations uses none but its own deployments, nor past its budgets, when the name stands %s',
  async (_, body, more) => {
    const { scene, requests } = await startNarrow();
    for (const name of ['operations', 'budget'] as const)
      for (const path of ['chat/completions', 'responses', 'responses/compact']) {
        const headers = { 'api-key': KEYS[name], ...more };
        expect((await post(scene, `/openai/v1/${path}`, body, { headers })).status).toBe(400);
      }
    expect(requests).toEqual([]);
  },
);

test.each(HIDDEN.slice(0, 7))('a run names no model of others when it stands %s', async (_, body, more) => {
  const { scene, requests } = await startNarrow();
  const headers = { 'api-key': KEYS.operations, ...more };
  expect((await post(scene, '/openai/v1/threads/runs', body, { headers })).status).toBe(400);
  expect(requests).toEqual([]);
});

test.each<[string, string, RequestInit]>([
  ['a run without a model is made', '/openai/v1/threads/runs', { body: '{"metadata":{"Model":"x"}}' }],
  ['nothing is sent', '/openai/v1/conversations', { body: '' }],
  ['a body in UTF-8 says so', '/openai/v1/conversations', { body: '{"items":[]}' }],
])('for a client that reaches all operations, %s', async (_, path, init) => {
  const { scene } = await startNarrow();
  const headers = { 'api-key': KEYS.operations, 'content-type': 'application/json; charset="UTF-8"' };
  const response = await fetch(scene.url + path, { method: 'POST', ...init, headers });
  expect(response.status).toBe(200);
});

const vectors = '"data_sources":[{"parameters":{"embedding_dependency":{"deployment_name":"o3"}}}]';

test.each<[string, string | Buffer]>([
  ['in UTF-16', Buffer.from(`{"messages":[],${vectors}}`, 'utf16le')],
  ['in single quotes', `{"messages":['"'],'data_sources':[{'deployment_name':'o3'}],'z':['"']}`],
  ['behind what is kept of it', `{"messages":[{"content":"${'x'.repeat(3000)}"}],${vectors}}`],
])('a chat at a path of its own names no other deployment %s', async (_, body) => {
  const { scene, requests } = await startNarrow({ replayBytes: 2000 });
  const headers = { 'api-key': KEYS.narrow };
  expect((await post(scene, chatPath, body, { headers })).status).toBe(400);
  expect(requests).toEqual([]);
});

test.each([
  `{"model":"gpt-4o","y":['"'],'model':'o3','z':['"']}`,
  `{"model":"gpt-4o","x":[1 /*],"y":"*/],'model':'o3','z':/*","q":"*/ 1 }"}`,
  `{"model":"gpt-4o","x":[1 #],"y":"\\n],'model':'o3' #"}`,
])('a body in which a lenient reader finds another model is refused: %s', async (body) => {
  const { scene, requests } = await startNarrow();
  for (const name of ['narrow', 'budget'] as const) {
    const headers = { 'api-key': KEYS[name] };
    expect((await post(scene, '/openai/v1/chat/completions', body, { headers })).status).toBe(400);
  }
  expect(requests).toEqual([]);
});

test('a body that is too large to be kept names no model that its client is charged otherwise for', async () => {
  const { scene, requests } = await startNarrow({ replayBytes: 2000 });
  const headers = { 'api-key': KEYS.budget };
  const twice = `{"model":"gpt-4o","messages":[],${' '.repeat(300_000)}"model":"o3"}`;
  expect((await post(scene, '/openai/v1/chat/completions', twice, { headers })).status).toBe(400);
  expect(requests).toEqual([]);
  expect((await post(scene, chatPath, twice, { headers })).status).toBe(200);
});

test.each([
  ['chat/completions', `{"model":"gpt-4o","messages":[],${vectors},"x":[`],
  ['threads/runs', '{"agent":{"model":"o3"},"x":['],
])('a name among too many values to be searched is refused, not overlooked: %s', async (path, beginning) => {
  const { scene, requests } = await startNarrow();
  const headers = { 'api-key': KEYS.operations };
  const body = `${beginning}${'[],'.repeat(250_000)}0]}`;
  expect((await post(scene, `/openai/v1/${path}`, body, { headers })).status).toBe(413);
  expect(requests).toEqual([]);
});
