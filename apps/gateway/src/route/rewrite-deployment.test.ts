import { expect, test } from 'vitest';
import { classifyRoute } from './classify-route.ts';
import { rewriteDeployment } from './rewrite-deployment.ts';

function rewrite(url: string, body: string, deployment: string, contentType?: string) {
  const bytes = Buffer.from(body);
  const { path, deploymentPlace } = classifyRoute('POST', url, bytes, contentType);
  const rewritten = rewriteDeployment({ path, body: bytes }, deploymentPlace!, deployment);
  return { path: rewritten.path, body: rewritten.body!.toString() };
}

test.each([
  [
    '/openai/deployments/gpt-4o/chat/completions?a=gpt-4o',
    'eu',
    '/openai/deployments/eu/chat/completions?a=gpt-4o',
  ],
  ['/openai/deployments/g%20t/embeddings', 'a b/c', '/openai/deployments/a%20b%2Fc/embeddings'],
  ['/openai/deployments/chat/chat/completions', 'é?#', '/openai/deployments/%C3%A9%3F%23/chat/completions'],
])('in %s, "%s" makes %s', (url, deployment, path) => {
  expect(rewrite(url, '{"model":"gpt-4o"}', deployment)).toEqual({ path, body: '{"model":"gpt-4o"}' });
});

test.each([
  ['{"model":"gpt-4o"}', 'eu', '{"model":"eu"}'],
  [
    '{"a":"é模","model" : "gpt-4o" ,"b":{"model":"gpt-4o"}}',
    'eu',
    '{"a":"é模","model" : "eu" ,"b":{"model":"gpt-4o"}}',
  ],
  ['{"model":"g\\"4\\u006f","z":1}', 'a"b\\模', '{"model":"a\\"b\\\\模","z":1}'],
])('in the body %s, %j makes %s and leaves every other byte alone', (body, deployment, expected) => {
  expect(rewrite('/v1/chat/completions', body, deployment)).toEqual({
    path: '/openai/v1/chat/completions',
    body: expected,
  });
});

const calls = '/openai/v1/realtime/calls';
const keys = '/openai/v1/realtime/client_secrets';
const responses = '/openai/v1/responses';

test.each([
  [
    '/openai/v1/realtime?deployment=a&x=a&model=%61',
    '',
    '/openai/v1/realtime?deployment=e%20u&x=a&model=e%20u',
    '',
  ],
  [`${keys}?model=a`, '{"session":{"model":"a"}}', `${keys}?model=e%20u`, '{"session":{"model":"e u"}}'],
  [
    `${keys}?MODEL=a&deployment=a`,
    '{"model":"a"}',
    `${keys}?MODEL=e%20u&deployment=e%20u`,
    '{"model":"e u"}',
  ],
  [`${calls}?model=a`, '{"model":"\\u0061"}', `${calls}?model=e%20u`, '{"model":"e u"}'],
  [
    `${responses}?model=a`,
    '{"input":"a","model":"\\u0061"}',
    `${responses}?model=e%20u`,
    '{"input":"a","model":"e u"}',
  ],
])(
  'a deployment that is named in several places gets its new name in all: %s %s',
  (url, body, path, expected) => {
    expect(rewrite(url, body, 'e u')).toEqual({ path, body: expected });
  },
);

const field = (name: string, value: string) =>
  `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

test.each([
  ['before', (model: string, session: string) => `${model}${session}--B--\r\n`],
  ['behind', (model: string, session: string) => `${session}${model}--B--\r\n`],
])('a call whose form names its model %s its session too gets the new name in all places', (_, formOf) => {
  const of = (name: string) => formOf(field('model', name), field('session', `{"model":"${name}"}`));
  expect(rewrite(`${calls}?model=a`, of('a'), 'eu-1', 'multipart/form-data; boundary=B')).toEqual({
    path: `${calls}?model=eu-1`,
    body: of('eu-1'),
  });
});

test('a body that is no valid UTF-8 elsewhere keeps its bytes', () => {
  const body = Buffer.concat([
    Buffer.from('{"a":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('","model":"x"}'),
  ]);
  const { path, deploymentPlace } = classifyRoute('POST', '/v1/embeddings', body);
  const rewritten = rewriteDeployment({ path, body }, deploymentPlace!, 'y');
  expect(rewritten.body).toEqual(Buffer.concat([body.subarray(0, 18), Buffer.from('"y"}')]));
});

test('a request without a body stays as it is', () => {
  const place = { in: 'json', range: { start: 0, end: 1 } } as const;
  expect(rewriteDeployment({ path: '/p', body: undefined }, place, 'x')).toEqual({
    path: '/p',
    body: undefined,
  });
});
