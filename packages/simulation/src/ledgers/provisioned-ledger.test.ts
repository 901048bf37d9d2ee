import { expect, test } from 'vitest';
import { makeCall } from '../testing/make-call.ts';
import { ProvisionedLedger } from './provisioned-ledger.ts';

test('a simulated provisioned quota takes calls until it runs over, and again once it has drained so far', () => {
  const ledger = new ProvisionedLedger(600);
  const call = makeCall({ promptTokens: 350, maxTokens: 50 });
  ledger.charge(call, 0);
  expect(ledger.hasRoom(call, 0)).toBe(true);
  ledger.charge(call, 0);
  expect(ledger.hasRoom(call, 19_999)).toBe(false);
  expect(ledger.hasRoom(call, 20_000)).toBe(true);
});

test('a simulated provisioned quota gives back what an answer did not use', () => {
  const ledger = new ProvisionedLedger(600);
  const call = makeCall({ promptTokens: 500, maxTokens: 200, outputTokens: 100 });
  ledger.charge(call, 0);
  ledger.finish(call, 0);
  expect(ledger.servedTokens).toBe(600);
  expect(ledger.hasRoom(call, 0)).toBe(true);
  expect(ledger.describe(undefined, 30_000)('azure-openai-deployment-utilization')).toBe('50.0%');
});

test('a simulated provisioned quota is not charged what the prompt cache has', () => {
  const ledger = new ProvisionedLedger(600);
  const call = makeCall({ promptTokens: 500, cachedTokens: 400, maxTokens: 200, outputTokens: 100 });
  ledger.charge(call, 0);
  expect(ledger.usedShare(0)).toBe(0.5);
  ledger.finish(call, 0);
  expect(ledger.servedTokens).toBe(200);
});

test('a simulated provisioned quota says how long it runs over in milliseconds, and in whole seconds', () => {
  const ledger = new ProvisionedLedger(600);
  const call = makeCall({ promptTokens: 600, maxTokens: 5 });
  ledger.charge(call, 0);
  const header = ledger.describe(call, 0);
  expect([header('retry-after-ms'), header('retry-after')]).toEqual(['500', '1']);
  const answered = ledger.describe(undefined, 0);
  expect([answered('retry-after-ms'), answered('retry-after')]).toEqual([undefined, undefined]);
});
