import { expect, test } from 'vitest';
import type { GatewayError } from '../errors.ts';
import { classifyRoute } from './classify-route.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const model = json({ messages: [], model: 'gpt-4o' });

function errorOf(method: string, url: string, body?: Buffer): string {
  try {
    return `a route: ${JSON.stringify(classifyRoute(method, url, body))}`;
  } catch (error) {
    return (error as GatewayError).error;
  }
}

test('a path whose prefix is doubled names its deployment', () => {
  const url = '/openai/openai/deployments/gpt-4o/embeddings?api-version=1';
  expect(classifyRoute('POST', url, model)).toMatchObject({
    deployment: 'gpt-4o',
    operation: 'embeddings',
    path: '/openai/deployments/gpt-4o/embeddings?api-version=1',
  });
});

test.each([
  ['GET', '/openai/v1/files', true],
  ['POST', '/openai/deployments/gpt-4o/batches?api-version=2024-10-21', true],
  ['POST', '/openai/threads/runs?api-version=2024-10-21', true],
  ['DELETE', '/v1/vector_stores/vs_1/files/file-1', true],
  ['POST', '/responses', true],
  ['POST', '/openai/v1/chat/completions', false],
  ['GET', '/openai/v1/chat/completions/chatcmpl-1', true],
  ['POST', '/openai/deployments/gpt-4o/embeddings', false],
  ['POST', '/openai/v1/audio/speech', false],
  ['GET', '/openai/v1/models/gpt-4o', false],
])('%s %s is about objects that one backend keeps: %s', (method, url, isStateful) => {
  expect(classifyRoute(method, url, undefined).isStateful).toBe(isStateful);
});

test.each([
  ['/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21', 'gpt-4o', 'chat/completions'],
  ['/openai/deployments/gpt-4o/embeddings', 'gpt-4o', 'embeddings'],
  ['/openai/deployments/my%20model%C3%A9/completions?a=/b', 'my modelé', 'completions'],
  ['/openai/deployments/gpt-4.1_x/audio/speech', 'gpt-4.1_x', 'audio/speech'],
  ['/openai/deployments/..gpt/chat/completions', '..gpt', 'chat/completions'],
])('a path %s names its deployment and operation', (url, deployment, operation) => {
  const route = classifyRoute('POST', url, model);
  expect(route).toMatchObject({ deployment, operation, path: url, createsObject: false });
  const { in: place, range } = route.deploymentPlace!;
  expect(place).toBe('path');
  expect(decodeURIComponent(url.slice(range.start, range.end))).toBe(deployment);
});

test.each([
  ['/openai/v1/chat/completions', '/openai/v1/chat/completions', 'chat/completions'],
  [
    '/openai/v1/chat/completions?api-version=v1',
    '/openai/v1/chat/completions?api-version=v1',
    'chat/completions',
  ],
  ['/v1/embeddings', '/openai/v1/embeddings', 'embeddings'],
  ['/openai/v1/v1/embeddings', '/openai/v1/embeddings', 'embeddings'],
  ['/openai/openai/v1/embeddings?a', '/openai/v1/embeddings?a', 'embeddings'],
  ['/openai/v1/openai/v1/embeddings', '/openai/v1/embeddings', 'embeddings'],
  ['/openai/openai/responses', '/openai/responses', 'responses'],
  ['/v1/openai/v1/embeddings', '/openai/v1/embeddings', 'embeddings'],
  ['/v1/v1/embeddings', '/openai/v1/embeddings', 'embeddings'],
  ['/anthropic/v1/v1/messages?beta=true', '/anthropic/v1/messages?beta=true', 'messages'],
  ['/Anthropic/V1//V1/Messages', '/anthropic/v1/messages', 'messages'],
  ['/anthropic/v1/v1/messages/count_tokens', '/anthropic/v1/messages/count_tokens', 'messages/count_tokens'],
  ['/v1/responses?a=b', '/openai/v1/responses?a=b', 'responses'],
  ['/chat/completions', '/openai/v1/chat/completions', 'chat/completions'],
  ['/embeddings?x', '/openai/v1/embeddings?x', 'embeddings'],
  [
    '/openai/responses?api-version=2025-03-01-preview',
    '/openai/responses?api-version=2025-03-01-preview',
    'responses',
  ],
])('a path %s is sent as %s, and the body names the deployment', (url, path, operation) => {
  expect(classifyRoute('POST', url, model)).toMatchObject({
    deployment: 'gpt-4o',
    operation,
    path,
    deploymentPlace: { in: 'json', range: { start: 23, end: 31 } },
    isStateful: operation === 'responses',
    createsObject: operation === 'responses',
  });
});

test.each([
  ['/openai/files?api-version=2024-10-21', 'files'],
  ['/openai/v1/models', 'models'],
  ['/openai/v1/files/file-1/content', 'files/file-1/content'],
  ['/models', 'models'],
  ['/batches', 'batches'],
  ['/vector_stores?limit=1', 'vector_stores'],
  ['/fine_tuning/jobs', 'fine_tuning/jobs'],
])('a path %s has no deployment when there is no body', (url, operation) => {
  const route = classifyRoute('GET', url, undefined);
  expect(route).toMatchObject({ deployment: '', operation, createsObject: false });
  expect(route.deploymentPlace).toBeUndefined();
});

test.each([
  [json({ model: '' })],
  [json({ model: 4 })],
  [json({ model: ['gpt-4o'] })],
  [json([{ model: 'gpt-4o' }])],
  [json({ input: { model: 'gpt-4o' } })],
  [Buffer.from('{"model":"gpt-4o')],
  [Buffer.from('')],
  [Buffer.from('--boundary\r\ncontent-disposition: form-data; name="model"\r\n\r\ngpt-4o\r\n--boundary--')],
])('a path has no deployment when the body is %s', (body) => {
  const route = classifyRoute('POST', '/openai/v1/chat/completions', body);
  expect(route.deployment).toBe('');
  expect(route.deploymentPlace).toBeUndefined();
});

test('a path may name a deployment that is written with escapes in the body', () => {
  const body = Buffer.from('{"model" : "gpt\\u002d4o模"}');
  const { deployment, deploymentPlace } = classifyRoute('POST', '/v1/chat/completions', body);
  expect(deployment).toBe('gpt-4o模');
  const { start, end } = deploymentPlace!.range;
  expect(body.toString('utf8', start, end)).toBe('"gpt\\u002d4o模"');
});

test.each([
  ['/openai/v1/audio/transcriptions', 'audio/transcriptions'],
  ['/audio/translations', 'audio/translations'],
  ['/openai/v1/images/edits?api-version=v1', 'images/edits'],
])('a path %s may name its deployment in a form', (url, operation) => {
  const form =
    '--B\r\nContent-Disposition: form-data; name="file"; filename="model"\r\n\r\n\0--\r\n' +
    '--B\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper é\r\n--B--\r\n';
  const body = Buffer.from(form);
  const route = classifyRoute('POST', url, body, 'multipart/form-data; boundary=B');
  expect(route).toMatchObject({ deployment: 'whisper é', operation, createsObject: false });
  const { in: place, range } = route.deploymentPlace!;
  expect(place).toBe('form');
  expect(body.toString('utf8', range.start, range.end)).toBe('whisper é');
});

test.each([
  ['/openai/realtime?api-version=2025-04-01-preview&deployment=gpt%20rt', 'gpt rt'],
  ['/openai/v1/realtime?model=gpt-realtime', 'gpt-realtime'],
  ['/v1/realtime?model=gpt-realtime&x=1', 'gpt-realtime'],
  ['/realtime?x&model=gpt-realtime', 'gpt-realtime'],
])('a path %s names its deployment in the query', (url, deployment) => {
  const route = classifyRoute('GET', url, undefined);
  expect(route).toMatchObject({ deployment, operation: 'realtime' });
  const { in: place, range } = route.deploymentPlace!;
  expect(place).toBe('path');
  expect(decodeURIComponent(route.path.slice(range.start, range.end))).toBe(deployment);
});

test.each(['/openai/v1/realtime', '/openai/v1/realtime?model=', '/openai/v1/realtime?models=x'])(
  'a path %s names no deployment',
  (url) => {
    expect(classifyRoute('GET', url, undefined).deployment).toBe('');
  },
);

test.each([
  '/',
  '/openai',
  '/openai?api-version=1',
  '/v1',
  '/v2/chat/completions',
  '/chatty',
  '/chat-completions',
  '/metrics',
  '/favicon.ico',
  '/openaix/v1/models',
  '/gateway/openai/v1/models',
  '/status',
  '/openai/v1/',
  '/anthropic/v1/',
  '/api/projects/p/openai/v1',
  '/api/projects',
  '/openai/deployments//chat/completions',
  '/openai/deployments/gpt-4o',
  '/openai/deployments/gpt-4o/',
  '/openai/deployments/gpt-4o/?api-version=1',
  '/openai/deployments/gpt-4o?next=/chat/completions',
])('a path %s is not found', (url) => {
  expect(errorOf('POST', url, model)).toBe('not-found');
});

test.each([
  ['//openai/deployments/gpt-4o/chat/completions?a=//', '/openai/deployments/gpt-4o/chat/completions?a=//'],
  ['/openai//deployments//gpt-4o/chat/completions/', '/openai/deployments/gpt-4o/chat/completions'],
  ['/openai/deployments/gpt-4o//chat//completions', '/openai/deployments/gpt-4o//chat//completions'],
  ['/OpenAI/Deployments/GPT-4o/Chat/Completions', '/openai/deployments/GPT-4o/chat/completions'],
  ['/OPENAI/V1//chat/completions/?A=B', '/openai/v1/chat/completions?A=B'],
  ['/V1/Embeddings', '/openai/v1/embeddings'],
  ['/deployments/gpt-4o/embeddings?x', '/openai/deployments/gpt-4o/embeddings?x'],
  ['/openai/v1/Files/file-Content/Content', '/openai/v1/files/file-Content/content'],
  ['/Threads/thread_AbC/Messages', '/openai/v1/threads/thread_AbC/messages'],
  ['/Responses/compact', '/openai/v1/responses/compact'],
  ['/api/projects/My-Project/OpenAI/v1/responses', '/api/projects/My-Project/openai/v1/responses'],
  ['/API/Projects/Chat/openai/v1/responses/', '/api/projects/Chat/openai/v1/responses'],
  ['/Models/GPT-5', '/models/GPT-5', 'POST'],
  ['/Models/Chat/Completions', '/models/chat/completions', 'POST'],
  ['/models/GPT-5', '/openai/v1/models/GPT-5', 'GET'],
  ['/Anthropic/V1/Messages/', '/anthropic/v1/messages'],
  // A name may be a word of the API.
  ['/API/projects/P/Datasets/Images/Versions/1', '/api/projects/P/datasets/Images/versions/1', 'GET'],
  ['/api/projects/p/connections/Search', '/api/projects/p/connections/Search', 'GET'],
  ['/api/projects/p/memory_stores/Files', '/api/projects/p/memory_stores/Files', 'GET'],
  ['/api/projects/p/applications/Chat/x', '/api/projects/p/applications/Chat/x'],
  ['/%6Fpen%41I/v1/%63hat/completion%73', '/openai/v1/chat/completions'],
  ['/openai/%64eployments/gpt%2D4o/%65mbeddings', '/openai/deployments/gpt%2D4o/embeddings'],
  ['/openai/v1/responses/resp%5F1/input%5Fitems', '/openai/v1/responses/resp%5F1/input_items'],
])('a path %s is read as %s', (url, path, method = 'POST') => {
  const route = classifyRoute(method, url, model);
  expect(route.path).toBe(path);
  expect(path.replaceAll(/\/+/g, '/').endsWith(`/${route.operation}`) || path.includes('?')).toBe(true);
});

test.each([
  ['/models/chat/completions?api-version=2024-05-01-preview', 'chat/completions', 'gpt-4o'],
  ['/models/images/embeddings', 'images/embeddings', 'gpt-4o'],
  ['/api/projects/p/openai/v1/responses?x', 'responses', 'gpt-4o'],
  ['/api/projects/p/openai/deployments/d/chat/completions', 'chat/completions', 'd'],
  ['/api/projects/p/agents/a/versions', 'agents/a/versions', 'gpt-4o'],
  ['/anthropic/v1/messages', 'messages', 'gpt-4o'],
  ['/anthropic/v1/messages/count_tokens', 'messages/count_tokens', 'gpt-4o'],
  ['/providers/cohere/v2/embed', 'providers/cohere/v2/embed', 'gpt-4o'],
])('a path %s is sent as it is, for %s of %s', (path, operation, deployment) => {
  expect(classifyRoute('POST', path, model)).toMatchObject({ path, operation, deployment });
});

test.each([
  'uploads',
  'containers',
  'videos',
  'skills',
  'video/generations/jobs',
  'chat/completions',
  'evals',
])('a path of v1 may begin with %s', (operation) => {
  const path = `/openai/v1/${operation}`;
  expect(classifyRoute('POST', `/${operation}`, model)).toMatchObject({ path, operation });
  expect(classifyRoute('GET', `/${operation}?a=b`, undefined).path).toBe(`${path}?a=b`);
});

test.each([
  '/models/info?api-version=2024-05-01-preview',
  '/v1/messages',
  '/voice-live/realtime?api-version=2025-10-01&model=gpt-realtime',
])('a path %s is known', (url) => {
  expect(errorOf('GET', url)).toContain('a route');
});

test.each(
  [
    [
      'api-key',
      'API-Key',
      'api%2Dkey',
      'apikey',
      'app_key',
      'user-key',
      'api-token',
      'passwd',
      'pwd',
      'bearer',
      'credential',
      'api_key',
      'x-api-key',
      'subscription-key',
      'Subscription-Key',
    ],
    ['code', 'Code', 'key', 'token', 'access_token', 'authorization', 'Authorization', 'x-functions-key'],
    ['client_secret', 'secret', 'password', 'jwt', 'auth', 'auth_token'],
  ].flat(),
)('has no %s in its query at a backend', (name) => {
  const path = '/openai/v1/chat/completions';
  expect(classifyRoute('POST', `${path}?${name}=secret`, model).path).toBe(path);
  expect(classifyRoute('POST', `${path}?a=b&${name}=secret&c=d`, model).path).toBe(`${path}?a=b&c=d`);
});

test.each([
  'after=resp_1',
  'agent-access-token=t',
  'include[]=usage',
  'error_code=1',
  'model_key=x',
  'page_token=t',
  'sig=s',
])('a path keeps %s in its query', (query) => {
  const url = `/openai/v1/responses?${query}`;
  expect(classifyRoute('POST', url, model).path).toBe(url);
});

test.each(['/openai/v1/fine_tuning/jobs', '/openai/fine_tuning/jobs', '/openai/deployments'])(
  'a path %s is told the model that a deployment can be made of, and no deployment',
  (url) => {
    expect(classifyRoute('POST', url, model).deployment).toBe('');
  },
);

test('a path a deployment in the body may have its maker before it', () => {
  expect(classifyRoute('POST', '/v1/embeddings', json({ model: 'azure/gpt-4o' })).deployment).toBe(
    'azure/gpt-4o',
  );
});

const climbs = ['..', '.', '%2e%2e', '%2E%2E', '.%2e', '%2e.', '%2e', '%2E'].flatMap((dots) => [
  `/openai/deployments/gpt-4o/${dots}/secret/chat/completions`,
  `/openai/deployments/gpt-4o/${dots}`,
  `/openai/deployments/gpt-4o/${dots}?api-version=1`,
  `/openai/deployments/${dots}/chat/completions`,
  `/openai/deployments/a%2f${dots}%2fb/chat/completions`,
  `/openai/deployments/a%5C${dots}%5Cb/chat/completions`,
  `/openai/v1\\${dots}\\files`,
  `/openai/v1/${dots}/files`,
  `/openai/${dots}/metrics`,
  `/v1/files/${dots}`,
  `/files/${dots}/x`,
  `/${dots}/openai/v1/models`,
]);
test.each(climbs)('a path %s is refused', (url) => {
  expect(errorOf('POST', url, model)).toBe('bad-request');
});

test.each([
  '/openai/deployments/a..b/chat/completions',
  '/openai/deployments/.hidden/chat/completions',
  '/openai/deployments/.../chat/completions',
  '/openai/deployments/x/chat/completions?next=/../a',
  '/openai/v1/files/a%2eb',
])('a path %s has no dot segment', (url) => {
  expect(classifyRoute('POST', url, model).path).toBe(url);
});

test.each([
  '/openai/deployments/%/chat/completions',
  '/openai/deployments/%zz/chat/completions',
  '/openai/deployments/%c0%ae%c0%ae/chat/completions',
  '/openai/deployments/%ff/chat/completions',
  '/openai/deployments/a%2Fb/chat/completions',
  '/openai/deployments/a%5cb/chat/completions',
  '/openai/deployments/a\\b/chat/completions',
  '/openai/deployments/a%00/chat/completions',
  '/openai/deployments/a%0d%0ab/chat/completions',
  '/openai/deployments/a%7f/chat/completions',
  `/openai/deployments/${'a'.repeat(257)}/chat/completions`,
])('a path %s names no deployment', (url) => {
  expect(errorOf('POST', url, model)).toBe('bad-request');
});

test.each(['/a', 'a/', 'a//b', 'a/../b', 'a\\b', '../x', 'a\nb', '\u007f', 'x'.repeat(257)])(
  'a path %j in the body names no deployment',
  (name) => {
    expect(errorOf('POST', '/v1/embeddings', json({ model: name }))).toBe('bad-request');
  },
);

test('a deployment in a path may have 256 characters', () => {
  const name = 'é'.repeat(256);
  expect(classifyRoute('POST', '/v1/embeddings', json({ model: name })).deployment).toBe(name);
});

test.each(['*', '', 'http://elsewhere/openai/v1/models', 'elsewhere:443'])(
  '%j is no path that is served',
  (url) => {
    expect(errorOf('GET', url)).toBe('bad-request');
  },
);

test.each([
  ['POST', '/openai/deployments/x/chat/completions', {}, false],
  ['POST', '/openai/deployments/x/completions', {}, false],
  ['POST', '/openai/deployments/x/embeddings', {}, false],
  ['POST', '/openai/deployments/x/images/generations', {}, false],
  ['POST', '/openai/deployments/x/images/edits', {}, false],
  ['POST', '/openai/deployments/x/audio/transcriptions', {}, false],
  ['POST', '/openai/deployments/x/audio/translations', {}, false],
  ['POST', '/openai/deployments/x/audio/speech', {}, false],
  ['POST', '/openai/deployments/x/batches', {}, true],
  ['POST', '/openai/deployments/x/chat/completions/more', {}, true],
  ['POST', '/openai/v1/chat/completions', {}, false],
  ['POST', '/chat/completions?x', {}, false],
  ['POST', '/openai/v1/moderations', {}, false],
  ['POST', '/openai/v1/files', {}, true],
  ['POST', '/openai/files', {}, true],
  ['POST', '/openai/batches', {}, true],
  ['POST', '/openai/threads', {}, true],
  ['POST', '/openai/threads/t/runs', {}, true],
  ['POST', '/openai/assistants', {}, true],
  ['POST', '/openai/fine_tuning/jobs', {}, true],
  ['POST', '/openai/v1/vector_stores', {}, true],
  ['POST', '/openai/v1/conversations', {}, true],
  ['POST', '/openai/v1/something-new', {}, true],
  ['POST', '/openai/v1/responses', {}, true],
  ['POST', '/openai/v1/responses', { store: true }, true],
  ['POST', '/openai/v1/responses', { store: 'false' }, true],
  ['POST', '/openai/v1/responses', { store: false }, false],
  ['POST', '/openai/responses', { background: false, store: false }, false],
  ['POST', '/openai/v1/responses', { store: false, background: true }, true],
  ['POST', '/openai/v1/responses/r/cancel', { store: false }, true],
  ['DELETE', '/openai/v1/files/f', {}, true],
  ['PATCH', '/openai/v1/files/f', {}, true],
  ['PUT', '/openai/v1/files/f', {}, true],
  ['GET', '/openai/v1/files', undefined, false],
  ['HEAD', '/openai/v1/files', undefined, false],
  ['OPTIONS', '/openai/v1/files', undefined, false],
])('a request that makes an object on the backend %s %s %j: %s', (method, url, body, expected) => {
  const bytes = body && json({ model: 'x', ...body });
  expect(classifyRoute(method, url, bytes).createsObject).toBe(expected);
});
