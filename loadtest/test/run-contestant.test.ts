import { expect, test } from 'vitest';
import { contestants } from '../src/harvest/contestants.ts';
import type { HarvestSetup } from '../src/harvest/harvest-setup.ts';
import { measureRun, type RunFigures } from '../src/harvest/measure-run.ts';
import { runContestant } from '../src/harvest/run-contestant.ts';

// A minute takes 3 s, and a run two of them.
const setup: HarvestSetup = { backends: 'told', timeScale: 20, seed: 1, measuredMinutes: 1 };

async function harvest(name: string, load: number): Promise<RunFigures> {
  const contestant = contestants.find((known) => known.name === name);
  if (contestant === undefined) throw new Error(`there is no ${name}`);
  return measureRun(await runContestant(contestant, load, setup, () => {}));
}

test('round robin at twice the quotas: one attempt for each client, who gets whatever comes of it', async () => {
  const figures = await harvest('round-robin', 2);
  expect(figures.failed).toBe(0);
  expect(figures.attempts).toBe(figures.requests);
  expect(figures.backendRefusals).toBe(figures.refused);
  expect(figures.refused).toBeGreaterThan(0);
  expect(figures.succeeded + figures.refused).toBe(figures.requests);
  // No window ever has more than the quota allows.
  expect(figures.servedTokens).toBeLessThanOrEqual(figures.allowedTokens);
  // A busy machine may ask for only a little of it in time.
  expect(figures.servedTokens).toBeGreaterThan(0);
  expect(figures.promptTokens).toBeGreaterThan(0);
  expect(figures.added.p50Ms).toBeGreaterThan(0);
});

test('the sample at twice the quotas: refused clients cost attempts, and some of them could have been served', async () => {
  const figures = await harvest('apim-sample', 2);
  expect(figures.failed).toBe(0);
  expect(figures.attempts).toBe(figures.succeeded + figures.backendRefusals);
  expect(figures.backendRefusals).toBeGreaterThan(figures.refused);
  expect(figures.avoidable.atThatMoment).toBeGreaterThan(0);
  expect(figures.servedTokens).toBeLessThanOrEqual(figures.allowedTokens);
});
