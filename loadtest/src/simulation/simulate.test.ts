import { expect, test } from 'vitest';
import { backendKinds } from './backends/backend-kinds.ts';
import { policies, type MakeReplica } from './replicas/policies.ts';
import type { Replica } from './replicas/replica.ts';
import { reckonFigures } from './result/figures.ts';
import type { SimulationSettings } from './result/simulation-result.ts';
import { simulate } from './simulate.ts';

const settings: SimulationSettings = {
  kind: 'azure',
  backends: 6,
  replicas: 3,
  durationMs: 120_000,
  load: 1.5,
  seed: 7,
};
const LARGEST_CALL = 20_000;
const refuseAll = replicaOf(() => Promise.resolve(undefined));
const broken = replicaOf(() => Promise.reject(new Error('it broke')));
const idle = replicaOf(() => new Promise(() => undefined));
const each = [...policies];
const mostHeadroom = policies.get('most-headroom') as MakeReplica;

test.each(each)('%s: the same seed comes to the same, another to something else', async (_, makeReplica) => {
  const first = await simulate(settings, makeReplica);
  expect(await simulate(settings, makeReplica)).toEqual(first);
  expect(await simulate({ ...settings, seed: 8 }, makeReplica)).not.toEqual(first);
});

test.each(each)(
  '%s: every request ends once, no slot is lost, no quota is exceeded',
  async (_, makeReplica) => {
    const { tally, servedTokens, allowedTokens, inFlight } = await simulate(settings, makeReplica);
    expect(tally.requests).toBeGreaterThan(500);
    expect(tally.successes + tally.clientRefusals).toBe(tally.requests);
    expect(tally.successes + tally.backendRefusals).toBe(tally.attempts);
    expect(tally.avoidableRefusals).toBeLessThanOrEqual(tally.clientRefusals);
    expect(inFlight).toBe(0);
    // Each of the two provisioned ones may overflow by one call.
    expect(servedTokens).toBeLessThanOrEqual(allowedTokens + 2 * LARGEST_CALL);
    expect(servedTokens).toBeGreaterThan(0.8 * allowedTokens);
  },
);

test.each(each)('%s: with little to do nobody is refused', async (_, makeReplica) => {
  const { tally } = await simulate({ ...settings, load: 0.1 }, makeReplica);
  expect(tally.requests).toBeGreaterThan(30);
  expect(tally.successes).toBe(tally.requests);
  expect(tally.attempts).toBe(tally.requests);
});

test('every policy meets the same clients', async () => {
  const results = await Promise.all(each.map(([, makeReplica]) => simulate(settings, makeReplica)));
  const offered = results.map(({ tally }) => [...tally.offeredTokens]);
  for (const one of offered) expect(one).toEqual(offered[0]);
});

test('clients ask for the load that they are to ask for', async () => {
  const { tally } = await simulate({ ...settings, backends: 50, durationMs: 3_600_000 }, refuseAll);
  const offered = tally.offeredTokens.reduce((sum, tokens) => sum + tokens, 0);
  expect(offered / (50 * 30_000 * 60)).toBeCloseTo(1.5, 1);
  expect(tally.clientRefusals).toBe(tally.requests);
  expect(tally.avoidableRefusals).toBe(tally.requests);
});

test('what a replica throws ends the simulation', async () => {
  await expect(simulate(settings, broken)).rejects.toThrow('it broke');
});

test('a replica that leaves a request lying ends the simulation', async () => {
  await expect(simulate(settings, idle)).rejects.toThrow('neither sends a request on nor ends it');
});

/** At twice the quotas, one gateway in front of three backends for twenty minutes. */
const twice: SimulationSettings = {
  kind: 'told',
  backends: 3,
  replicas: 1,
  durationMs: 1_200_000,
  load: 2,
  seed: 1,
};

/** The minimum share of the quotas to be served, and the maximum of backends' 429s per 1,000 requests. */
const kinds = new Map([
  ['told', [0.98, 13]],
  ['retry-after', [0.97, 20]],
  ['one-second', [0.96, 20]],
  ['one-second-of-ten', [0.95, 20]],
  ['one-second-of-one', [0.95, 15]],
  ['ten-seconds-of-one', [0.95, 15]],
  ['silent-one-second', [0.95, 24]],
  ['raised', [0.88, 20]],
  ['lowered', [0.91, 25]],
  ['shared', [0.97, 35]],
  ['tokens-only', [0.97, 15]],
  ['requests-only', [0.93, 15]],
  ['fixed', [0.97, 22]],
  ['no-wait', [0.96, 20]],
  ['zero-wait', [0.96, 60]],
  ['day-wait', [0.7, 20]],
  ['outage', [0.96, 65]],
  ['short-outages', [0.88, 50]],
  ['parallel', [0.85, 165]],
] as const);

test('there is something to expect of each kind of backends that tells the gateway nothing beforehand', () => {
  expect([...kinds.keys(), 'azure'].sort()).toEqual([...backendKinds.keys()].sort());
});

test.each([...kinds])(
  'most-headroom before backends of the kind %s at twice their quotas serves at least so much with at most so many refusals: %j',
  async (kind, [quotaShare, refusals]) => {
    for (const seed of [1, 2]) {
      const figures = reckonFigures(await simulate({ ...twice, kind, seed }, mostHeadroom));
      expect(figures.quotaShare).toBeGreaterThan(quotaShare);
      expect(figures.backendRefusalsPerThousand).toBeLessThan(refusals);
    }
  },
);

/** Returns a policy whose replicas do nothing but this. */
function replicaOf(serve: Replica['serve']): MakeReplica {
  return () => ({ serve, inFlight: () => 0 });
}
