import { expect, test } from 'vitest';
import { type BackendScene, makeSnapshot } from '../testing/make-snapshot.ts';
import { factsOf, matchesFilter } from './tile-facts.ts';

function backendOf(scene: Omit<BackendScene, 'name'>) {
  return makeSnapshot({ backends: [{ name: 'eastus', ...scene }] }).backends[0]!;
}

test('a tile adds up the deployments of its backend, and shows the slowest', () => {
  const backend = backendOf({
    requestsPerSecond: 3,
    deployments: [
      {
        name: 'gpt-4o',
        rpm: 100,
        tpm: 62_000,
        absorbed429s: 2,
        p50Ms: 300,
        p95Ms: 900,
        remainingTokens: 9000,
        othersTokens: 9000,
      },
      { name: 'o3', rpm: 80, tpm: 1000, absorbed429s: 1, p50Ms: 700, p95Ms: 800, remainingTokens: 79_000 },
    ],
  });
  expect(factsOf(backend, undefined)).toEqual({
    rpm: 180,
    tpm: 63_000,
    absorbed429s: 3,
    p50Ms: 700,
    p95Ms: 900,
    meter: { unit: 'tokens/min', used: 72_000, limit: 160_000, others: 9000 },
  });
  expect(factsOf(backend, 'o3')).toMatchObject({ rpm: 80, tpm: 1000, p50Ms: 700 });
});

test('a tile counts the deployments that are not shown, unless one is chosen', () => {
  const backend = backendOf({
    deployments: [{ name: 'gpt-4o', state: 'throttled', rpm: 0, tpm: 0, remainingTokens: 0 }],
    deploymentsLeftOut: 20,
    notShown: { rpm: 900, tpm: 60_000, p50Ms: 700, limitTokens: 400_000, remainingTokens: 340_000 },
  });
  expect(factsOf(backend, undefined)).toMatchObject({
    rpm: 900,
    tpm: 60_000,
    p50Ms: 700,
    meter: { used: 140_000, limit: 480_000 },
  });
  expect(factsOf(backend, 'gpt-4o')).toMatchObject({ rpm: 0, meter: { used: 80_000, limit: 80_000 } });
});

test('a quota that deployments of one backend share counts once', () => {
  const shared = { quotaGroup: 'east', remainingTokens: 60_000 };
  const backend = backendOf({
    deployments: [
      { name: 'gpt-4o', ...shared },
      { name: 'o3', ...shared },
      { name: 'o4', tpm: 1000 },
    ],
  });
  expect(factsOf(backend, undefined).meter).toMatchObject({ limit: 160_000 });
  expect(factsOf(backend, 'o3').meter).toMatchObject({ used: 20_000, limit: 80_000 });
});

test('what answers did not take of what the gateway has set aside for them is used by nobody else', () => {
  const backend = backendOf({ deployments: [{ name: 'gpt-4o', tpm: 2000, remainingTokens: 1000 }] });
  expect(factsOf(backend, undefined).meter).toMatchObject({ used: 79_000, others: 0 });
});

test.each([
  [
    'is told in requests only',
    { limitRequests: 10, remainingRequests: 4 },
    { unit: 'requests', used: 6, limit: 10 },
  ],
  [
    'is nearly used up by small requests',
    { limitTokens: 80_000, remainingTokens: 78_000, limitRequests: 80, remainingRequests: 5 },
    { unit: 'requests', used: 75, limit: 80 },
  ],
  [
    'has room for requests',
    { limitTokens: 80_000, remainingTokens: 78_000, limitRequests: 80, remainingRequests: 40 },
    { unit: 'tokens/min', used: 2000, limit: 80_000 },
  ],
  [
    'has fewer tokens left than requests',
    { limitTokens: 80_000, remainingTokens: 0, limitRequests: 80, remainingRequests: 5 },
    { unit: 'tokens/min', used: 80_000, limit: 80_000 },
  ],
  ['is provisioned', { utilization: 0.8, limitRequests: 10 }, { unit: 'PTU', used: 0.8, limit: 1 }],
])('the meter of a quota that %s', (_, quota, meter) => {
  const bare = { name: 'gpt-4o', state: 'available', rpm: 1, tpm: 1, absorbed429s: 0 } as const;
  const backend = { ...backendOf({}), deployments: [{ ...bare, ...quota }] };
  expect(factsOf(backend, undefined).meter).toEqual({ ...meter, others: 0 });
});

test('a tile without any known limit has no meter', () => {
  expect(factsOf({ ...backendOf({}), deployments: [] }, undefined).meter).toBeUndefined();
});

test.each([
  ['', true],
  [' EAST', true],
  ['gpt', true],
  ['throttled', true],
  ['drained', true],
  ['available', true],
  ['west', false],
])('the filter "%s" is met by name, deployment or state, in the words of the page: %s', (text, isMet) => {
  const deployments = [
    { name: 'gpt-4o', state: 'throttled' as const },
    { name: 'o3', state: 'draining' as const },
  ];
  expect(matchesFilter(backendOf({ deployments }), text)).toBe(isMet);
});
