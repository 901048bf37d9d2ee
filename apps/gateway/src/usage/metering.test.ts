import { expect, test } from 'vitest';
import { MAKES_NOTHING, STATELESS } from '../route/operations.ts';
import { meteringOf, tellsOwnUsage } from './metering.ts';
import { renderMetering } from './render-metering.ts';

test('the page of metering in docs/ is what there is today', async () => {
  await expect(renderMetering()).toMatchFileSnapshot('../../../../docs/metering.md');
});

test.each([...STATELESS, ...MAKES_NOTHING, 'responses'])(
  'an operation that is asked of a deployment has a row of its own: %s',
  (operation) => {
    expect(meteringOf('POST', operation).operation).not.toBe('**');
  },
);

test.each([
  ['POST', 'chat/completions', 'chat/completions'],
  ['GET', 'chat/completions', '**'],
  ['GET', 'responses/resp_1', 'responses/*'],
  ['POST', 'responses/compact', 'responses/compact'],
  ['POST', 'responses/resp_1/cancel', 'responses/*/cancel'],
  ['POST', 'chat/completions/chatcmpl-1', 'chat/completions/*'],
  ['GET', 'responses/resp_1/input_items', '**'],
  ['GET', 'realtime', 'realtime'],
  ['POST', 'realtime/calls', 'realtime/*'],
  ['POST', 'files', 'files'],
  ['POST', 'threads', '**'],
  ['GET', '', '**'],
])('each request has one row: %s %s', (method, operation, expected) => {
  expect(meteringOf(method, operation).operation).toBe(expected);
});

test.each([
  ['POST', 'chat/completions', true],
  ['POST', 'responses', true],
  ['POST', 'responses/compact', true],
  ['POST', 'images/generations', true],
  ['POST', 'threads/thread_1/runs', true],
  ['POST', 'threads/thread_1/runs/run_1/submit_tool_outputs', true],
  ['POST', 'something/new', true],
  ['GET', 'responses/resp_1', false],
  ['GET', 'chat/completions', false],
  ['POST', 'responses/resp_1/cancel', false],
  ['POST', 'chat/completions/chatcmpl-1', false],
  ['POST', 'threads/thread_1/runs/run_1', false],
  ['POST', 'threads/thread_1/runs/run_1/cancel', false],
])('only what takes tokens tells them as its own: %s %s', (method, operation, expected) => {
  expect(tellsOwnUsage(method, operation)).toBe(expected);
});

test.each([
  ['POST', 'rerank', 'deployments/*/**'],
  ['POST', 'chat%2Fcompletions', 'deployments/*/**'],
  ['GET', 'rerank', '**'],
  ['POST', 'completions', 'completions'],
  ['POST', 'files', 'files'],
])(
  'a request that names a deployment is metered, whatever it asks for: %s %s',
  (method, operation, expected) => {
    expect(meteringOf(method, operation, true).operation).toBe(expected);
  },
);
