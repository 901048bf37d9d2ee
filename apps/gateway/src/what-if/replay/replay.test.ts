import { assert, asyncProperty, constantFrom, integer, option, record, array } from 'fast-check';
import { strategies } from '@spillway/core';
import { expect, test } from 'vitest';
import { LOG_START_MS } from '../../../test/testing/log-line.ts';
import { loggedAt } from '../../../test/testing/logged-request.ts';
import { parseConfig } from '../../../test/testing/parse-config.ts';
import { findUsualUse, makeCalls } from '../calls/make-calls.ts';
import type { LoggedRequest } from '../log/logged-request.ts';
import { poolBackendOf } from '../../config/pool-settings.ts';
import { findQuotas } from '../quotas/find-quotas.ts';
import { meanOf } from '../result/answers.ts';
import { replay } from './replay.ts';

const east = { name: 'east', url: 'https://east.example', apiKey: 'x', tpm: 250 };
const west = { name: 'west', url: 'https://west.example', apiKey: 'x', tpm: 250, priority: 2 };

async function tryOut(settings: Record<string, unknown>, requests: readonly LoggedRequest[]) {
  const config = parseConfig(settings);
  const backends = config.backends.map(poolBackendOf);
  const quotas = findQuotas({ backends, requests, given: new Map() });
  return replay(makeCalls(requests, findUsualUse(requests)), config, quotas);
}

/** One request of 100 tokens per second, so that two fit into each quota, which is free again after a minute. */
const sixRequests = [0, 1, 2, 3, 4, 62].map((second) => loggedAt(second * 1000));

test('requests are served first by the first priority, then by the second, then refused, until quota is back', async () => {
  const findings = await tryOut({ backends: [east, west] }, sixRequests);
  expect(findings.total).toMatchObject({ requests: 6, served: 5, refused: 1, failed: 0, waitsMs: [] });
  expect(findings.byMinute.map(({ requests, refused }) => [requests, refused])).toEqual([
    [5, 1],
    [1, 0],
  ]);
  expect(
    [...findings.backends].map(([name, { served, servedTokens }]) => [name, served, servedTokens]),
  ).toEqual([
    ['east', 3, 300],
    ['west', 2, 200],
  ]);
  // The gateway knows the limits, so no attempt is in vain.
  expect([findings.attempts, findings.backendRefusals, findings.spilled]).toEqual([5, 0, 2]);
});

test('with more quota at the first priority, nothing spills and nobody is refused', async () => {
  const findings = await tryOut({ backends: [{ ...east, tpm: 500 }, west] }, sixRequests);
  expect(findings.total).toMatchObject({ requests: 6, served: 6, refused: 0 });
  expect(findings.spilled).toBe(0);
});

test('with a waiting room, what would have been refused is served when the first quota is back', async () => {
  const findings = await tryOut({ backends: [east, west], waitingRoom: { maxWaitMs: 60_000 } }, sixRequests);
  expect(findings.total).toMatchObject({ requests: 6, served: 6, refused: 0 });
  expect(findings.total.waitsMs).toHaveLength(1);
  // It came at 4 s, and the first charge is freed at 60 s, or slightly later because of the way to the backend.
  const [waitedMs = 0] = findings.total.waitsMs;
  expect(waitedMs).toBeGreaterThanOrEqual(56_000);
  expect(waitedMs).toBeLessThan(56_100);
});

test('when quota is short, the reserve of the urgent is kept from the others', async () => {
  const reserves = { interactive: 0.5, standard: 0.1 };
  const backends = [{ ...east, tpm: 300 }];
  const requests = [
    loggedAt(0, { priorityClass: 'standard' }),
    loggedAt(1000, { priorityClass: 'standard' }),
    loggedAt(2000, { priorityClass: 'interactive' }),
  ];
  const findings = await tryOut({ backends, priorityClasses: { reserves } }, requests);
  const counts = [...findings.byClass].map(([name, { served, refused }]) => [name, served, refused]);
  expect(counts).toEqual([
    ['standard', 1, 1],
    ['interactive', 1, 0],
  ]);
});

test('a line without a class has the usual one of the configuration', async () => {
  const settings = { backends: [east], priorityClasses: { default: 'batch' } };
  const findings = await tryOut(settings, [loggedAt(0)]);
  expect([...findings.byClass.keys()]).toEqual(['batch']);
});

test('requests a minute are limited in their own windows', async () => {
  // One in ten seconds.
  const backends = [{ ...east, tpm: 100_000, rpm: 6 }];
  const requests = [0, 1, 11].map((second) => loggedAt(second * 1000));
  const findings = await tryOut({ backends }, requests);
  expect(findings.total).toMatchObject({ served: 2, refused: 1 });
});

test('a quota group is spent by all of its members together', async () => {
  const backends = [
    { ...east, quotaGroup: 'one' },
    { ...west, quotaGroup: 'one' },
  ];
  const findings = await tryOut({ backends }, sixRequests.slice(0, 3));
  expect(findings.total).toMatchObject({ served: 2, refused: 1 });
  expect([...findings.uses.keys()]).toEqual(['group one']);
});

test('provisioned throughput is charged what answers took, and its utilisation is that of its bucket', async () => {
  const ptu = { ...east, name: 'ptu', tpm: 6000, spillAt: 1 };
  const usage = { promptTokens: 60, outputTokens: 0, cachedTokens: 0 };
  // 60 tokens a second would be 60 % of the 100 a second that drain; each is charged 100 until its answer ends.
  const requests = Array.from({ length: 120 }, (_, second) => loggedAt(second * 1000, { usage }));
  const findings = await tryOut({ backends: [ptu, west] }, requests);
  expect(findings.total).toMatchObject({ served: 120, refused: 0 });
  expect(findings.spilled).toBe(0);
  const use = findings.uses.get('ptu for gpt-4o')?.shares ?? [];
  expect(use).toHaveLength(120);
  expect(Math.max(...use)).toBeLessThan(0.03);
  expect(meanOf(use)).toBeGreaterThan(0);
});

test('provisioned throughput is not charged what was cached, also where the log does not say it of a request', async () => {
  const ptu = { ...east, name: 'ptu', tpm: 600, spillAt: 0.9 };
  const usage = { promptTokens: 60, outputTokens: 0, cachedTokens: 54 };
  // 60 tokens a second would be six times what drains; 6 are just that.
  const cached = Array.from({ length: 240 }, (_, second) =>
    loggedAt(second * 1000, { estimate: { promptTokens: 60, outputTokens: 0 }, usage }),
  );
  const partlySaid = cached.map((request, index) =>
    index % 2 === 0 ? request : { ...request, cachedTokens: undefined },
  );
  for (const requests of [cached, partlySaid]) {
    const findings = await tryOut({ backends: [ptu, west] }, requests);
    expect(findings.total).toMatchObject({ served: 240, refused: 0 });
    expect(findings.spilled).toBe(0);
  }
  const uncached = cached.map((request) => ({ ...request, cachedTokens: 0 }));
  const findings = await tryOut({ backends: [ptu, west] }, uncached);
  expect(findings.total.refused).toBeGreaterThan(0);
});

test('once provisioned throughput is in use up to its share, requests spill, though it has room', async () => {
  const ptu = { ...east, name: 'ptu', tpm: 600, spillAt: 0.5 };
  const requests = Array.from({ length: 8 }, (_, index) => loggedAt(index * 10));
  const findings = await tryOut({ backends: [ptu, { ...west, tpm: 1000 }] }, requests);
  expect(findings.total).toMatchObject({ served: 8, refused: 0 });
  expect(findings.backends.get('ptu')?.served).toBeLessThan(8);
  expect(findings.spilled).toBe(8 - (findings.backends.get('ptu')?.served ?? 0));
});

test('of a month and many quotas no more samples are kept than there is memory for, spread over all of it', async () => {
  const aDayMs = 86_400_000;
  const deployments = Array.from({ length: 60 }, (_, number) => `deployment-${number}`);
  const requests = deployments.map((deployment, day) => loggedAt((day % 31) * aDayMs, { deployment }));
  const sorted = requests.toSorted((one, other) => one.arrivedMs - other.arrivedMs);
  const findings = await tryOut({ backends: [east, west] }, sorted);
  const [shares = [], ...others] = [...findings.uses.values()].map((use) => use.shares);
  expect((1 + others.length) * shares.length).toBeLessThanOrEqual(2_000_000 + 120);
  expect(shares.length * findings.sampleMs).toBeGreaterThanOrEqual(30 * aDayMs);
});

test('the same log and configuration come to the same each time', async () => {
  const backends = [east, { ...east, name: 'north' }, west];
  const requests = Array.from({ length: 300 }, (_, index) => loggedAt(index * 777));
  const settings = { backends, strategy: 'weighted-random', waitingRoom: { maxWaitMs: 5000 } };
  const [first, second] = [await tryOut(settings, requests), await tryOut(settings, requests)];
  expect(first.total).toEqual(second.total);
  expect(first.total.refused).toBeGreaterThan(0);
  expect(first.total.served + first.total.refused + first.total.failed).toBe(300);
});

const anyRequest = record({
  gapMs: integer({ min: 0, max: 20_000 }),
  promptTokens: integer({ min: 0, max: 400 }),
  totalMs: integer({ min: 0, max: 30_000 }),
  priorityClass: constantFrom(undefined, 'interactive', 'standard', 'batch'),
  deployment: constantFrom('gpt-4o', 'o3'),
});
const anyBackend = record({
  priority: integer({ min: 1, max: 2 }),
  tpm: integer({ min: 1, max: 900 }),
  rpm: option(integer({ min: 1, max: 60 }), { nil: undefined }),
  spillAt: constantFrom(undefined, 0, 0.5, 1),
  maxInFlight: option(integer({ min: 1, max: 3 }), { nil: undefined }),
  weight: constantFrom(0, 1, 3),
});

test('whatever the log and the configuration, every request ends once and no quota is exceeded', async () => {
  const property = asyncProperty(
    array(anyRequest, { maxLength: 60 }),
    array(anyBackend, { minLength: 1, maxLength: 4 }),
    constantFrom(...Object.keys(strategies)),
    option(integer({ min: 1, max: 60_000 }), { nil: undefined }),
    async (drawn, drawnBackends, strategy, maxWaitMs) => {
      let atMs = 0;
      const requests = drawn.map(({ gapMs, promptTokens, totalMs, ...fields }) => {
        const estimate = { promptTokens, outputTokens: 40 };
        const time = LOG_START_MS + (atMs += gapMs) + totalMs;
        return loggedAt(0, { ...fields, estimate, time, totalMs });
      });
      const backends = drawnBackends.map((one, index) => ({ ...east, ...one, name: `b${index}` }));
      const waitingRoom = maxWaitMs === undefined ? {} : { waitingRoom: { maxWaitMs, maxRequests: 3 } };
      const findings = await tryOut({ backends, strategy, priorityClasses: {}, ...waitingRoom }, requests);
      const { served, refused, failed } = findings.total;
      expect(served + refused + failed).toBe(requests.length);
      expect(findings.attempts).toBe(served + findings.backendRefusals);
      const standard = [...findings.uses].filter(
        ([name]) => drawnBackends[Number(name[1])]?.spillAt === undefined,
      );
      const shares = standard.flatMap(([, use]) => use.shares);
      expect(Math.max(0, ...shares)).toBeLessThanOrEqual(1);
    },
  );
  await assert(property, { numRuns: 60 });
});
