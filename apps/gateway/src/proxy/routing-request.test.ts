import { ClientBudgets } from '@spillway/core';
import { expect, test } from 'vitest';
import { createClient } from '../client/client.ts';
import { clients } from '../config/client-keys.ts';
import { RequestContent } from '../route/request-content.ts';
import { createRoutingRequestOf } from './routing-request.ts';

const budget = { tpm: 1000 };
const [config] = clients.parse([{ name: 'a', budgets: [budget] }]);
const caller = createClient(config!, () => new ClientBudgets([budget]));
const routingRequestOf = createRoutingRequestOf({ priorityClasses: undefined, strategy: 'most-headroom' });

function routingOf(operation: string, body: object, of = caller) {
  const content = new RequestContent(operation, Buffer.from(JSON.stringify(body)));
  const route = { deployment: 'embed', operation, createsObject: false, content };
  return routingRequestOf({ method: 'POST', headers: {}, caller: of }, route);
}

test('what is expected where no prompt is read counts for the budgets of a client, and not for the quota of a pool', () => {
  const body = { model: 'embed', input: [{ image: 'data:image/png;base64,AAAA' }] };
  expect(routingOf('images/embeddings', body)).toMatchObject({
    estimate: undefined,
    expected: { promptTokens: 17, outputTokens: 0 },
  });
  expect(routingOf('images/embeddings', body, { ...caller, budgets: undefined }).expected).toBeUndefined();
});

test('where a prompt is read, nothing else is expected', () => {
  expect(routingOf('responses/compact', { model: 'embed', input: 'Hello' })).toMatchObject({
    estimate: { promptTokens: 2, outputTokens: 16 },
    isOutputOpen: true,
    expected: undefined,
  });
});
