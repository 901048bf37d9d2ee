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
  'X_MS_Spillover_Deployment',
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
  ['', dependency('data_sources', { deployment_name: ['gpt-4o', 'o3'] })],
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

const SECOND = '"deployment_name":"o3","deployment_name":"gpt-4o"';
test('the vectors of a chat about data are not named twice', async () => {
  const { scene, requests } = await startNarrow();
  const body = `{"messages":[],"data_sources":[{"parameters":{"embedding_dependency":{${SECOND}}}}]}`;
  expect((await post(scene, chatPath, body, { headers })).status).toBe(403);
  expect(requests).toEqual([]);
});

test.each([
  ['messages', '"fallbacks":[{"model":"gpt-4o"},{"model":"o3"}]'],
  ['messages', '"Fallbacks":[{"Model":"o3"}]'],
  ['messages', '"fallbacks":[{"model":"o3","mod\\u0065l":"gpt-4o"}]'],
  ['messages', '"fallbacks":[{"model":"o3"}],"fallbacks":[{"model":"gpt-4o"}]'],
  ['messages', '"tools":[{"type":"advisor_20260301","name":"advisor","model":"o3"}]'],
  ['messages/count_tokens', '"tools":[{"type":"advisor_20260301","name":"advisor","model":"o3"}]'],
])(
  'the models that a request to Claude (%s) names besides its own are those that the client may use: %s',
  async (operation, further) => {
    const { scene, requests } = await startNarrow();
    const body = `{"model":"gpt-4o","max_tokens":5,"messages":[],${further}}`;
    const ask = (text: string) => post(scene, `/anthropic/v1/${operation}`, text, { headers });
    expect((await ask(body)).status).toBe(403);
    expect(requests).toEqual([]);
    expect((await ask(body.replace('o3', 'gpt-4o-mini'))).status).toBe(200);
  },
);

test('further models of a request to Claude are not hidden in a body that only some readers understand', async () => {
  const { scene, requests } = await startNarrow();
  const path = '/openai/deployments/gpt-4o/messages?api-version=2024-10-21';
  const body = '{/* */"max_tokens":5,"messages":[],"fallbacks":[{"model":"o3"}]}';
  expect((await post(scene, path, body, { headers })).status).toBe(400);
  expect(requests).toEqual([]);
});

test('a client with deployments of its own cannot leave it to Claude which model answers instead', async () => {
  const { scene, requests } = await startNarrow();
  const params = { model: 'gpt-4o', max_tokens: 5, messages: [], fallbacks: 'default' };
  expect((await post(scene, '/anthropic/v1/messages', params, { headers })).status).toBe(403);
  const operations = { headers: { 'api-key': KEYS.operations } };
  const batch = { requests: [{ custom_id: 'a', params }] };
  expect((await post(scene, '/anthropic/v1/messages/batches', batch, operations)).status).toBe(403);
  expect(requests).toEqual([]);
});

test('tools and prompts of a request to Claude may speak of models', async () => {
  const { scene } = await startNarrow();
  const schema = { type: 'object', properties: { model: { type: 'string', enum: ['o3'] } } };
  const body = {
    model: 'gpt-4o',
    max_tokens: 5,
    tools: [{ name: 'choose', input_schema: schema }],
    messages: [
      { role: 'assistant', content: [{ type: 'tool_use', name: 'choose', input: { model: 'o3' } }] },
    ],
    fallbacks: null,
  };
  expect((await post(scene, '/anthropic/v1/messages', body, { headers })).status).toBe(200);
});

const HEARD = '"audio":{"input":{"transcription":{"model":"o3"}}}';
test.each([
  `{"session":{"model":"gpt-4o","type":"transcription",${HEARD}}}`,
  `{"session":{"model":"gpt-4o","Type":"transcription",${HEARD}}}`,
  `{"session":{"model":"gpt-4o","type":"x","type":"transcription",${HEARD}}}`,
  `{"session":{"model":"gpt-4o"},"Session":{"type":"transcription",${HEARD}}}`,
])(
  'a session that only transcribes is for a deployment that the client may use, however its type is written: %s',
  async (body) => {
    const { scene, requests } = await startNarrow();
    const path = '/openai/v1/realtime/client_secrets';
    const ask = (name: string) => post(scene, path, body.replace('o3', name), { headers });
    expect((await ask('o3')).status).toBe(403);
    expect(requests).toEqual([]);
    expect((await ask('gpt-4o-mini')).status).toBe(200);
  },
);

test.each([
  ['api/projects/p/agents', '{"name":"x","definition":{"kind":"prompt","model":"o3"}}'],
  ['api/projects/p/agents', '{"definition":{"model":"o3","mod\\u0065l":"gpt-4o"}}'],
  ['api/projects/p/agents/x/versions', '{"definition":{"Model":"o3"}}'],
  ['api/projects/p/memory_stores', '{"definition":{"chat_model":"gpt-4o","embedding_model":"o3"}}'],
  ['api/projects/p/indexes', '{"embeddingConfiguration":{"modelDeploymentName":"o3"}}'],
  ['openai/v1/evals', '{"testing_criteria":[{"type":"score_model","model":"o3"}]}'],
  ['openai/v1/evals/eval_1/runs', '{"data_source":{"type":"completions","model":"o3"}}'],
  ['anthropic/v1/messages/batches', '{"requests":[{"params":{"model":"o3","messages":[]}}]}'],
  ['openai/v1/realtime/translations/client_secrets', '{"session":{"model":"o3"}}'],
])(
  'a client that reaches all operations names its own deployments only, for later too: %s %s',
  async (path, body) => {
    const { scene, requests } = await startNarrow();
    const ask = async (text: string) => {
      const response = await post(scene, `/${path}`, text, { headers: { 'api-key': KEYS.operations } });
      return [response.status, ((await response.json()) as { error?: { message?: string } }).error?.message];
    };
    const refused = [403, 'Access denied: the client may not use this deployment.'];
    expect(await ask(body)).toEqual(refused);
    expect(requests).toEqual([]);
    // Whether the object in the path is one’s own is another question.
    expect(await ask(body.replace('o3', 'gpt-4o'))).not.toEqual(refused);
  },
);

test.each([
  [
    'fine_tuning/jobs',
    { model: 'gpt-4.1-2025-04-14', training_file: 'x', method: { grader: { model: 'o3' } } },
  ],
  ['vector_stores', { name: 'x', metadata: { model: 'o3' } }],
  ['evals', { data_source_config: { item_schema: { properties: { model: { const: 'o3' } } } } }],
])('what is no deployment may be called a model: %s', async (path, body) => {
  const { scene } = await startNarrow();
  const response = await post(scene, `/openai/v1/${path}`, body, { headers: { 'api-key': KEYS.operations } });
  expect([200, 404]).toContain(response.status);
});

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
