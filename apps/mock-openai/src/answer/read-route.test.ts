import { expect, test } from 'vitest';
import { readRoute } from './read-route.ts';

const version = '?api-version=2025-04-01-preview';

test.each([
  ['POST', `/openai/deployments/my%20gpt/chat/completions${version}`, 'chat/completions', 'my gpt'],
  ['POST', '/openai/v1/chat/completions', 'chat/completions', undefined],
  ['POST', `/openai/responses${version}`, 'responses', undefined],
  ['POST', '/openai/v1/responses', 'responses', undefined],
  ['POST', '/api/projects/my-project/openai/v1/responses', 'responses', undefined],
  ['POST', `/models/chat/completions${version}`, 'chat/completions', undefined],
  ['POST', `/models/embeddings${version}`, 'embeddings', undefined],
  ['POST', '/anthropic/v1/messages', 'messages', undefined],
  ['POST', '/anthropic/v1/messages/count_tokens?beta=true', 'messages/count_tokens', undefined],
])('%s %s calls a model', (method, url, path, deployment) => {
  expect(readRoute(method, url)).toMatchObject({ kind: 'operation', operation: { path }, deployment });
});

test.each([
  ['GET', '/openai/v1/files/file-1', 'files/{id}', ['file-1']],
  ['GET', `/openai/files/file-1${version}`, 'files/{id}', ['file-1']],
  ['GET', '/openai/v1/threads/t/runs/r/steps/s', 'threads/{id}/runs/{id}/steps/{id}', ['t', 'r', 's']],
  ['POST', '/openai/v1/threads/runs', 'threads/runs', []],
  ['POST', '/openai/v1/threads/t', 'threads/{id}', ['t']],
  ['DELETE', '/openai/v1/responses/resp%2F1', 'responses/{id}', ['resp/1']],
  ['GET', `/openai/models${version}`, 'models', []],
])('%s %s is about what the resource keeps', (method, url, path, ids) => {
  expect(readRoute(method, url)).toMatchObject({ kind: 'object', operation: { path, method }, ids });
});

test.each([
  ['POST', '/openai/deployments/gpt-4o/chat/completions'],
  ['POST', '/openai/deployments/gpt-4o/chat/completions?api-version='],
  ['POST', '/openai/responses'],
  ['POST', `/openai/deployments/gpt-4o/responses${version}`],
  ['POST', `/openai/chat/completions${version}`],
  ['GET', '/openai/files'],
  ['GET', '/openai/v1/files/'],
  ['GET', '/openai/v1/files/%ff'],
  ['PUT', '/openai/v1/files/file-1'],
  ['GET', '/openai/v1/chat/completions'],
  ['GET', '/v1/models'],
  ['GET', '/openai/v1'],
  ['POST', '/models/chat/completions'],
  ['POST', `/models/responses${version}`],
  ['GET', '/anthropic/v1/messages'],
  ['POST', '/openai/v1/messages'],
  ['POST', '/api/projects/openai/v1/responses'],
])('a request %s %s asks for nothing that there is', (method, url) => {
  expect(readRoute(method, url)).toEqual({ kind: 'unknown' });
});
