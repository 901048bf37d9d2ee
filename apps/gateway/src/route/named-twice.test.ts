import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyRoute } from './classify-route.ts';

/** Returns the deployment of a request, or the status of its refusal. */
function deploymentOf(url: string, body: string | undefined, type = 'application/json'): string {
  try {
    return classifyRoute('POST', url, body === undefined ? undefined : Buffer.from(body), type).deployment;
  } catch (error) {
    return (error as { error: string }).error;
  }
}

const V1 = '/openai/v1/chat/completions';

test.each([
  ['{"model":"a","model":"b"}'],
  ['{"model":"a","model":"a"}'],
  ['{"model":"a","mod\\u0065l":"b"}'],
  ['{"\\u006dodel":"a","model":"b"}'],
  ['{"model":"a","Model":"b"}'],
  ['{"MODEL":"b","model":"a"}'],
  ['{"model":"a","messages":[{"content":"x"}],"n":1,"model":"b"}'],
  ['{"model":"a","model":null}'],
  ['{"model":["a"],"model":"b"}'],
  ['\ufeff{"model":"a" , "model" : "b"}'],
])('a body that names its model twice is refused: %s', (body) => {
  expect(deploymentOf(V1, body)).toBe('bad-request');
});

test.each([
  ['{"model":"a","messages":[{"model":"b"}],"metadata":{"model":"c"}}', 'a'],
  ['{"models":"b","model":"a","xmodel":"c","mod":"d"}', 'a'],
  ['{"mod\\u0065l":"a"}', 'a'],
  ['{"prompt":"{\\"model\\":\\"b\\"}","model":"a"}', 'a'],
  ['{"mödel":"b","model":"a"}', 'a'],
  ['{"Model":"b"}', ''],
])('a body that names its model once is for it: %s', (body, deployment) => {
  expect(deploymentOf(V1, body)).toBe(deployment);
});

test('what is said beside a deployment in the path is left to the backend', () => {
  const url = '/openai/deployments/a/chat/completions?api-version=1';
  expect(deploymentOf(url, '{"model":"b","model":"c"}')).toBe('a');
});

test.each([
  ['/openai/v1/realtime?deployment=a&model=b', undefined],
  ['/openai/realtime?model=a&model=a', undefined],
  ['/openai/realtime?model=a&mod%65l=b', undefined],
  ['/openai/realtime?model=a&MODEL=b', undefined],
  ['/openai/realtime?deployment=a&deployment=', undefined],
  ['/openai/v1/realtime/calls?model=a', '{"model":"b"}'],
  ['/openai/v1/realtime/client_secrets', '{"session":{"model":"a"},"model":"b"}'],
  ['/openai/v1/realtime/client_secrets', '{"session":{"model":"a","mod\\u0065l":"b"}}'],
  ['/openai/v1/realtime/client_secrets', '{"session":{"model":"a"},"sess\\u0069on":{"model":"b"}}'],
  ['/openai/v1/responses?model=a', '{"model":"b"}'],
])('a session that names its model twice is refused: %s %s', (url, body) => {
  expect(deploymentOf(url, body)).toBe('bad-request');
});

test.each([
  ['/openai/v1/realtime?model=a&x=b', undefined, 'a'],
  ['/openai/v1/realtime?model=a%20b+c', undefined, 'a b c'],
  ['/openai/v1/realtime?mod%65l=a', undefined, 'a'],
  ['/openai/v1/realtime?deployment=a&model=a', undefined, 'a'],
  ['/openai/v1/realtime/calls?model=a', '{"model":"a"}', 'a'],
  ['/openai/v1/realtime/client_secrets', '{"session":{"model":"a"}}', 'a'],
])('a session that names its model once is for it: %s %s', (url, body, deployment) => {
  expect(deploymentOf(url, body)).toBe(deployment);
});

const form = (...parts: readonly [head: string, value: string][]) =>
  `${parts.map(([head, value]) => `--B\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`).join('')}--B--\r\n`;
const TRANSCRIPTION = '/openai/v1/audio/transcriptions';
const FORM = 'multipart/form-data; boundary=B';

test.each([
  ['name="model"'],
  ['name=model'],
  ['NAME="model"'],
  ['name="Model"'],
  ['name="mode\\l"'],
  ["name*=utf-8''mod%65l"],
  ['name="x"; name="model"'],
  ['filename="x"; name="model"'],
])('a form that names its model a second time is refused: %s', (head) => {
  const named: [string, string] = ['name="model"', 'a'];
  expect(deploymentOf(TRANSCRIPTION, form(named, [head, 'b']), FORM)).toBe('bad-request');
  expect(deploymentOf(TRANSCRIPTION, form([head, 'b'], ['name="file"', 'x'], named), FORM)).toBe(
    'bad-request',
  );
  expect(deploymentOf(TRANSCRIPTION, form(named, ['name="file"; filename="model"', 'x']), FORM)).toBe('a');
});

const session = (model: string) => form(['name="sdp"', 'v=0'], ['name="session"', `{"model":"${model}"}`]);

test('a call whose form says another model than its query is refused', () => {
  const url = '/openai/v1/realtime/calls?model=a';
  expect(deploymentOf(url, session('b'), FORM)).toBe('bad-request');
  expect(deploymentOf(url, session('a'), FORM)).toBe('a');
  expect(deploymentOf('/openai/v1/realtime/calls', session('b'), FORM)).toBe('b');
});

/** Spells a text as JSON may: some characters as escapes. */
const spelt = (text: string) =>
  fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((escaped) => {
    const signs = [...text].map((sign, at) =>
      escaped[at] ? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}` : sign,
    );
    return `"${signs.join('')}"`;
  });
const member = fc
  .tuple(
    fc.constantFrom('model', 'Model', 'models', 'store', 'x', 'input').chain(spelt),
    fc.oneof(fc.constantFrom('a', 'b').chain(spelt), fc.json({ maxDepth: 2 })),
    fc.constantFrom('', ' ', '\n\t'),
  )
  .map(([key, value, space]) => `${space}${key}${space}:${space}${value}`);

test('whatever is read of a body is what JSON.parse reads, or the body is refused', () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 5 }), (members) => {
      const body = `{${members.join(',')}}`;
      const { model } = JSON.parse(body) as { model?: unknown };
      const read = deploymentOf(V1, body);
      expect(['bad-request', typeof model === 'string' ? model : '']).toContain(read);
    }),
    { numRuns: 2000 },
  );
});

const parameter = fc
  .tuple(
    fc.constantFrom('model', 'mod%65l', 'Model', 'deployment', '%64eployment', 'x'),
    fc.constantFrom('a', 'b', '%61', '', 'a+b'),
  )
  .map(([key, value]) => `${key}=${value}`);

test('whatever is read of a query is what URLSearchParams reads, or the request is refused', () => {
  fc.assert(
    fc.property(fc.array(parameter, { maxLength: 4 }), (parameters) => {
      const query = parameters.join('&');
      const pairs = [...new URLSearchParams(query)].filter(([key]) => /^(?:model|deployment)$/i.test(key));
      const names = new Set(pairs.map(([, name]) => name).filter((name) => name !== ''));
      const read = deploymentOf(`/openai/v1/realtime?${query}`, undefined);
      expect(['bad-request', ...(names.size === 1 ? names : names.size === 0 ? [''] : [])]).toContain(read);
    }),
    { numRuns: 2000 },
  );
});
