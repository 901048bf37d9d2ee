import { startMock, type Mock } from '@spillway/mock-openai';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { deployment } from '../src/harvest/harvest-setup.ts';
import { countDisagreements } from '../src/harvest/ledger/backend-ledger.ts';
import { readLedger } from '../src/harvest/ledger/read-ledger.ts';
import { numberHeader } from '../src/harvest/load/drive-load.ts';
import { chatPath } from '../src/harvest/load/render-body.ts';

const running: Mock[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((mock) => mock.stop()));
});

// A minute of this quota takes 60 ms, so that room goes and comes back within a few requests.
async function startBackend(): Promise<Mock> {
  const quota = { [deployment]: { kind: 'standard', tpm: 2_000, rpm: 120 } as const };
  const mock = await startMock({ quota, timeScale: 1_000, recordLimit: 10_000 });
  running.push(mock);
  return mock;
}

async function ask(mock: Mock, number: number, maxTokens: number): Promise<void> {
  const response = await fetch(`${mock.url}${chatPath}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [numberHeader]: String(number) },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'four' }], max_tokens: maxTokens }),
  });
  await response.arrayBuffer();
}

test('a ledger has what was judged, whose it was and by which limits, in real time', async () => {
  const mock = await startBackend();
  await ask(mock, 7, 999);
  await ask(mock, 8, 1_001);
  await mock.idle();
  const ledger = readLedger(mock);
  expect(ledger.rates).toEqual({ tokens: 2_000, tokenWindowMs: 60, requests: 20, requestWindowMs: 10 });
  expect(ledger.entries).toMatchObject([
    { requestNumber: 7, tokens: 1_000, isAdmitted: true },
    { requestNumber: 8, tokens: 1_002 },
  ]);
});

test('whatever is asked, the replay judges every request as the backend did', async () => {
  const judged = { admitted: 0, refused: 0 };
  const calls = fc.array(fc.array(fc.integer({ min: 1, max: 1_200 }), { minLength: 1, maxLength: 30 }), {
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(calls, async (rounds) => {
      const mock = await startBackend();
      for (const round of rounds) await Promise.all(round.map((tokens, index) => ask(mock, index, tokens)));
      const ledger = readLedger(mock);
      expect(ledger.entries).toHaveLength(rounds.flat().length);
      expect(countDisagreements(ledger)).toBe(0);
      for (const { isAdmitted } of ledger.entries) judged[isAdmitted ? 'admitted' : 'refused'] += 1;
    }),
    { numRuns: 12, seed: 3 },
  );
  expect(Math.min(judged.admitted, judged.refused)).toBeGreaterThan(20);
});

test('a ledger that does not say what happened does not replay', async () => {
  const mock = await startBackend();
  await ask(mock, 1, 1_999);
  const ledger = readLedger(mock);
  const again = ledger.entries.map((entry) => ({ ...entry, judgedAtMs: entry.judgedAtMs + 59 }));
  expect(countDisagreements(ledger)).toBe(0);
  expect(countDisagreements({ ...ledger, entries: [...ledger.entries, ...again] })).toBe(1);
});
