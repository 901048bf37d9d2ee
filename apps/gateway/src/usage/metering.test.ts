import { expect, test } from 'vitest';
import { MAKES_NOTHING, STATELESS } from '../route/operations.ts';
import { meteringOf } from './metering.ts';
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
  ['GET', 'responses/resp_1/input_items', '**'],
  ['GET', 'realtime', 'realtime'],
  ['POST', 'realtime/calls', 'realtime/*'],
  ['POST', 'files', 'files'],
  ['POST', 'threads', '**'],
  ['GET', '', '**'],
])('each request has one row: %s %s', (method, operation, expected) => {
  expect(meteringOf(method, operation).operation).toBe(expected);
});
