import { expect, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { refusedSession } from '../testing/open-session.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { startRecorder } from '../testing/start-backend.ts';
import { startGatewayFor } from '../testing/start-scene.ts';

const KEYS = { narrow: makeKey(), operations: makeKey() };
const clients = [
  { name: 'narrow', keys: [{ sha256: sha256(KEYS.narrow) }], deployments: ['gpt-4o', 'gpt-4o-mini'] },
  {
    name: 'operations',
    keys: [{ sha256: sha256(KEYS.operations) }],
    deployments: ['gpt-4o'],
    allOperations: true,
  },
];
const headers = { 'api-key': KEYS.narrow };

async function startNarrow() {
  const recorder = await startRecorder();
  const scene = await startGatewayFor([{ name: 'a', url: recorder.url, apiKey: 'k' }], { clients });
  return { scene, requests: recorder.requests };
}

test.each([
  'x-ms-spillover-deployment',
  'x-ms-oai-image-generation-deployment',
  'azureml-model-deployment',
  'X-MS-Embedding-Deployment-Name',
])('a deployment that the header %s names is one that the client has to be allowed', async (name) => {
  const { scene, requests } = await startNarrow();
  const ask = (value: string) => post(scene, chatPath, chatBody, { headers: { ...headers, [name]: value } });
  expect((await ask('o3')).status).toBe(403);
  expect((await ask('gpt-4o-mini, o3')).status).toBe(403);
  expect(requests).toEqual([]);
  expect((await ask('gpt-4o-mini')).status).toBe(200);
});

test.each([
  'model=o3',
  'MODEL=o3',
  'mod%65l=o3',
  'deployment=o3',
  'deployment_id=o3',
  'model=gpt-4o&model=o3',
])(
  'a deployment that a query names beside the body (%s) is one that the client has to be allowed',
  async (query) => {
    const { scene, requests } = await startNarrow();
    const body = { model: 'gpt-4o', ...chatBody };
    const path = '/openai/v1/chat/completions';
    expect((await post(scene, `${path}?${query}`, body, { headers })).status).toBe(403);
    expect(requests).toEqual([]);
    expect((await post(scene, `${path}?model=gpt-4o`, body, { headers })).status).toBe(200);
  },
);

const dependency = (sources: string, vectors: object) => ({
  messages: [],
  [sources]: [{ type: 'AzureCognitiveSearch', parameters: vectors }],
});

test.each([
  ['extensions/', dependency('dataSources', { embeddingDeploymentName: 'o3' })],
  ['extensions/', dependency('dataSources', { embeddingDependency: { deploymentName: 'o3' } })],
  ['', dependency('Data_Sources', { embedding_dependency: { Deployment_Name: 'o3' } })],
])(
  'the vectors of a chat about data are those of a deployment that the client may use, as older versions name it: %s%j',
  async (prefix, body) => {
    const { scene, requests } = await startNarrow();
    const path = `/openai/deployments/gpt-4o/${prefix}chat/completions?api-version=2023-12-01-preview`;
    const ask = (name: string) => post(scene, path, JSON.stringify(body).replace('o3', name), { headers });
    expect((await ask('o3')).status).toBe(403);
    expect(requests).toEqual([]);
    expect((await ask('gpt-4o-mini')).status).toBe(200);
  },
);

test.each(['agent', 'agent_reference', 'Agent_Reference', 'ag\\u0065nt'])(
  'a response of an agent (%s), which has a deployment of its own, is for clients that reach all operations',
  async (key) => {
    const { scene, requests } = await startNarrow();
    const agent = `"${key}":{"type":"agent_reference","name":"helper"}`;
    const ask = (body: string, name: keyof typeof KEYS) =>
      post(scene, '/api/projects/p/openai/v1/responses', body, { headers: { 'api-key': KEYS[name] } });
    expect((await ask(`{"model":"gpt-4o",${agent},"input":"x"}`, 'narrow')).status).toBe(403);
    expect((await ask(`{${agent},"input":"x"}`, 'narrow')).status).toBe(403);
    expect(requests).toEqual([]);
    expect((await ask(`{${agent},"input":"x"}`, 'operations')).status).toBe(200);
  },
);

test('a voice session with an agent is refused to a client that has deployments of its own', async () => {
  const { scene } = await startNarrow();
  const path = '/voice-live/realtime?model=gpt-4o&agent-id=helper&agent-project-name=p';
  const { response } = await refusedSession(scene, path, { headers });
  expect(response.statusCode).toBe(403);
});

test('a prompt that speaks of agents and deployments names none', async () => {
  const { scene, requests } = await startNarrow();
  const input = '"agent": {"deployment_name": "o3"}, "data_sources"';
  const response = await post(scene, '/openai/v1/responses', { model: 'gpt-4o', input }, { headers });
  const chat = { messages: [{ role: 'user', content: input, deployment_name: 'o3' }] };
  expect([response.status, (await post(scene, chatPath, chat, { headers })).status]).toEqual([200, 200]);
  expect(requests).toHaveLength(2);
});
