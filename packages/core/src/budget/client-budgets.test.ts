import { describe, expect, test } from 'vitest';
import { admitted, asking, NOON_MS, spend, told } from '../testing/spend.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { Budget } from './budget.ts';
import { ClientBudgets } from './client-budgets.ts';

const MINUTE_MS = 60_000;
const MIDNIGHT_MS = Date.UTC(2026, 11, 1);

/** Asks at a moment after which nothing matters. */
const ask = (budgets: ClientBudgets, request: AdmissionRequest, nowMs = 0, wallMs = NOON_MS) =>
  budgets.admit(request, nowMs, wallMs);

const usedOf = (budgets: ClientBudgets, limit: string, nowMs = 0, wallMs = NOON_MS) =>
  budgets.report(nowMs, wallMs)[0]?.limits.find((report) => report.limit === limit)?.used;

test.each([
  [undefined, 1],
  [false, 1],
  [true, 0],
])('tokens without admission count, and a request unless they are part of one: %s', (isPart, requests) => {
  const budgets = new ClientBudgets([{ tpm: 100, rpm: 10, tokensPerDay: 100, concurrent: 1 }]);
  budgets.charge('gpt-4o', { promptTokens: 7, outputTokens: 3 }, 0, NOON_MS, isPart);
  const limits = ['tokens', 'requests', 'day', 'concurrent'];
  expect(limits.map((limit) => usedOf(budgets, limit))).toEqual([10, requests, 10, 0]);
});

describe('a refusal describes the limit that has no room', () => {
  const spent: [string, Budget, number, object][] = [
    ['tokens of a minute', { tpm: 100 }, 10_000, { kind: 'rate', limit: 'tokens', retryMs: 50_000 }],
    ['requests of a minute', { rpm: 1 }, 20_000, { kind: 'rate', limit: 'requests', retryMs: 40_000 }],
    ['a whole minute', { rpm: 1 }, 1, { kind: 'rate', limit: 'requests', retryMs: 59_000 }],
    ['a part of a millisecond', { rpm: 1 }, 59_999.5, { kind: 'rate', limit: 'requests', retryMs: 1 }],
    [
      'tokens of a day',
      { tokensPerDay: 100 },
      0,
      { kind: 'quota', limit: 'day', used: 60, reserved: 0, resetsAtMs: MIDNIGHT_MS },
    ],
    [
      'tokens of a month',
      { tokensPerMonth: 100 },
      0,
      { kind: 'quota', limit: 'month', used: 60, reserved: 0, resetsAtMs: MIDNIGHT_MS },
    ],
  ];

  test.each(spent)('%s', (_, budget, laterMs, refusal) => {
    const budgets = new ClientBudgets([budget]);
    spend(budgets, 60);
    expect(ask(budgets, asking(50), laterMs)).toMatchObject(refusal);
    expect(ask(budgets, asking(50), laterMs)).toMatchObject({
      deployments: undefined,
      limitValue: budget.rpm ?? 100,
    });
  });

  test('what is left of a day, where all that is under way gives back would not do', () => {
    const budgets = new ClientBudgets([{ tokensPerDay: 100 }]);
    spend(budgets, 60);
    const underWay = admitted(ask(budgets, asking(30)));
    expect(ask(budgets, asking(50))).toMatchObject({ kind: 'quota', reserved: 30, isSetAside: false });
    expect(ask(budgets, asking(40))).toMatchObject({ kind: 'quota', reserved: 30, isSetAside: true });
    underWay.settle(told(0));
    expect(ask(budgets, asking(40)).kind).toBe('admitted');
  });

  test('a spent day, though more of the month is only set aside', () => {
    const budgets = new ClientBudgets([
      { deployments: ['gpt-4o'], tokensPerDay: 100 },
      { tokensPerMonth: 1000 },
    ]);
    spend(budgets, 100);
    admitted(ask(budgets, asking(900, 0, 'o3')));
    expect(ask(budgets, asking(50))).toMatchObject({ kind: 'quota', limit: 'day', isSetAside: false });
    expect(ask(budgets, asking(50, 0, 'o3'))).toMatchObject({ limit: 'month', isSetAside: true });
  });

  test('concurrent requests, until one ends', () => {
    const budgets = new ClientBudgets([{ deployments: ['gpt-4o'], concurrent: 1 }]);
    const first = admitted(ask(budgets, asking(1)));
    expect(ask(budgets, asking(1))).toEqual({
      kind: 'rate',
      limit: 'concurrent',
      deployments: ['gpt-4o'],
      limitValue: 1,
      retryMs: 1000,
    });
    first.settle({ kind: 'untold' });
    expect(ask(budgets, asking(1)).kind).toBe('admitted');
  });
});

describe('of several limits without room the one binds that lasts longest', () => {
  test('of two minutes the one that has room later', () => {
    const budgets = new ClientBudgets([{ rpm: 1 }, { deployments: ['gpt-4o'], tpm: 100 }]);
    admitted(ask(budgets, asking(100, 0, 'gpt-4o')));
    const other = new ClientBudgets([{ rpm: 2 }, { deployments: ['gpt-4o'], tpm: 100 }]);
    admitted(ask(other, asking(0, 0, 'o3'), 0));
    admitted(ask(other, asking(100), 5000));
    expect(ask(other, asking(1), 10_000)).toMatchObject({ limit: 'tokens', retryMs: 55_000 });
    expect(ask(other, asking(1, 0, 'o3'), 10_000)).toMatchObject({ limit: 'requests', retryMs: 50_000 });
    expect(ask(budgets, asking(1), 10_000)).toMatchObject({ retryMs: 50_000 });
  });

  test('a spent day counts above a minute, and a month above a day', () => {
    const budget = { tpm: 100, tokensPerDay: 100, tokensPerMonth: 150 };
    const atMs = Date.UTC(2026, 10, 10);
    const budgets = new ClientBudgets([budget]);
    spend(budgets, 100, 0, atMs);
    expect(ask(budgets, asking(100), 1, atMs)).toMatchObject({ limit: 'month', resetsAtMs: MIDNIGHT_MS });
    expect(ask(budgets, asking(50), 1, atMs)).toMatchObject({ limit: 'day' });
    expect(ask(budgets, asking(50), 1, atMs + 86_400_000)).toMatchObject({ kind: 'rate', limit: 'tokens' });
  });

  test('a request that never fits counts above all, with the lowest limit that it exceeds', () => {
    const budgets = new ClientBudgets([
      { tpm: 100, tokensPerDay: 90 },
      { deployments: ['gpt-4o'], tpm: 80 },
    ]);
    spend(budgets, 80);
    expect(ask(budgets, asking(101))).toEqual({
      kind: 'too-large',
      deployments: ['gpt-4o'],
      estimate: 101,
      limitValue: 80,
    });
  });

  test('a refusal charges nothing anywhere', () => {
    const budgets = new ClientBudgets([
      { tpm: 1000, rpm: 10, tokensPerDay: 1000 },
      { deployments: ['gpt-4o'], rpm: 1 },
    ]);
    spend(budgets, 10);
    const before = [budgets.report(0, NOON_MS), budgets.state()];
    expect(ask(budgets, asking(10)).kind).toBe('rate');
    expect([budgets.report(0, NOON_MS), budgets.state()]).toEqual(before);
    expect(budgets.outstanding).toBe(0);
  });
});

describe('a request larger than the whole budget is judged by its text', () => {
  const image = { ...asking(1_000_000, 100), textTokens: 20 };

  test('with the text of the whole prompt it never fits', () => {
    expect(ask(new ClientBudgets([{ tpm: 100 }]), asking(101)).kind).toBe('too-large');
    expect(ask(new ClientBudgets([{ tokensPerMonth: 100 }]), asking(101)).kind).toBe('too-large');
    expect(ask(new ClientBudgets([{ tpm: 100 }]), asking(100)).kind).toBe('admitted');
  });

  test('an image is admitted where nothing else counts, and charged the whole limit', () => {
    const budgets = new ClientBudgets([{ tpm: 1000 }]);
    spend(budgets, 1);
    expect(ask(budgets, image, 10_000)).toMatchObject({ kind: 'rate', limit: 'tokens', retryMs: 50_000 });
    const admission = admitted(ask(budgets, image, MINUTE_MS));
    expect(usedOf(budgets, 'tokens', MINUTE_MS)).toBe(1000);
    admission.settle(told(785, 15));
    expect(usedOf(budgets, 'tokens', MINUTE_MS)).toBe(800);
  });

  test('an image takes what is left of a day, and gives the rest back', () => {
    const budgets = new ClientBudgets([{ tokensPerDay: 1000 }]);
    spend(budgets, 300);
    const admission = admitted(ask(budgets, image));
    expect(usedOf(budgets, 'day')).toBe(1000);
    expect(ask(budgets, asking(1))).toMatchObject({ kind: 'quota', used: 1000, reserved: 700 });
    admission.settle(told(85, 15));
    expect(usedOf(budgets, 'day')).toBe(400);
  });

  test('an image that was broken off takes no more than the minute: of a day, its text', () => {
    const budgets = new ClientBudgets([{ tpm: 1000, tokensPerDay: 5000 }]);
    admitted(ask(budgets, image)).settle({ kind: 'untold', outputTokens: 0 });
    expect([usedOf(budgets, 'tokens'), usedOf(budgets, 'day')]).toEqual([1000, 20]);
    const unlimited = new ClientBudgets([{ tpm: 1000, tokensPerMonth: 9_000_000 }]);
    admitted(ask(unlimited, image)).settle({ kind: 'untold', outputTokens: 5 });
    expect(usedOf(unlimited, 'month')).toBe(1_000_005);
  });

  test('an allowed answer that is larger than all needs the minute to itself', () => {
    const budgets = new ClientBudgets([{ tpm: 100 }]);
    admitted(ask(budgets, asking(10, 4096))).settle(told(10, 20));
    expect(usedOf(budgets, 'tokens')).toBe(30);
    expect(ask(budgets, asking(10, 4096)).kind).toBe('rate');
  });
});

describe('what is charged whatever comes has to fit a day and a month, and no minute', () => {
  const batch = { deployment: 'gpt-4o', chargedTokens: 600 };

  test('it is refused where it does not, as what is certain', () => {
    const budgets = new ClientBudgets([{ tpm: 100, tokensPerDay: 1000 }]);
    admitted(ask(budgets, batch)).settle(told(600, 0));
    expect(ask(budgets, batch, MINUTE_MS)).toMatchObject({ kind: 'quota', limit: 'day', isSetAside: false });
    const tooLarge = ask(budgets, { ...batch, chargedTokens: 1001 }, MINUTE_MS);
    expect(tooLarge).toMatchObject({ kind: 'too-large', estimate: 1001, limitValue: 1000 });
  });

  test('it is set aside until it ends', () => {
    const budgets = new ClientBudgets([{ tokensPerMonth: 1000 }]);
    const admission = admitted(ask(budgets, batch));
    expect(ask(budgets, batch)).toMatchObject({ kind: 'quota', reserved: 600, isSetAside: true });
    admission.settle({ kind: 'unserved', hasReached: true });
    expect(ask(budgets, batch).kind).toBe('admitted');
  });
});

describe('an ending corrects what was charged', () => {
  const endings: [string, Parameters<ReturnType<typeof admitted>['settle']>[0], number, number][] = [
    ['to what the answer tells', told(90, 30), 120, 1],
    ['to more than was charged', told(90, 300), 390, 1],
    ['to the prompt and what was relayed', { kind: 'untold', outputTokens: 7 }, 107, 1],
    ['not at all if nothing is known', { kind: 'untold' }, 150, 1],
    ['to nothing but a request if it was refused', { kind: 'unserved', hasReached: true }, 0, 1],
    ['to nothing if it never got anywhere', { kind: 'unserved', hasReached: false }, 0, 0],
    ['not at all if what is told is less than nothing', told(-5, 10), 150, 1],
    ['not at all if what is told is endless', told(1, Number.POSITIVE_INFINITY), 150, 1],
    ['not at all if what is told is more than an answer can take', told(1e15, 1), 150, 1],
    ['not at all if what is told is no number', told(Number.NaN, 1), 150, 1],
  ];

  test.each(endings)('%s, once', (_, ending, tokens, requests) => {
    const budgets = new ClientBudgets([{ tpm: 1000, rpm: 10, concurrent: 2, tokensPerDay: 1000 }]);
    const admission = admitted(ask(budgets, asking(100, 50)));
    expect(budgets.outstanding).toBe(1);
    for (let time = 0; time < 3; time++) admission.settle(ending);
    admission.settle(told(1, 1));
    expect(['tokens', 'requests', 'concurrent', 'day'].map((limit) => usedOf(budgets, limit))).toEqual([
      tokens,
      requests,
      0,
      tokens,
    ]);
    expect(budgets.outstanding).toBe(0);
  });

  test('a charge whose minute is over is not corrected', () => {
    const budgets = new ClientBudgets([{ tpm: 1000, rpm: 10 }]);
    const late = admitted(ask(budgets, asking(900)));
    spend(budgets, 100, MINUTE_MS);
    late.settle({ kind: 'unserved', hasReached: false });
    expect([usedOf(budgets, 'tokens', MINUTE_MS), usedOf(budgets, 'requests', MINUTE_MS)]).toEqual([100, 1]);
  });

  test('a charge whose minute is over but that nobody has looked at since leaves nothing behind', () => {
    const budgets = new ClientBudgets([{ tpm: 1000 }]);
    admitted(ask(budgets, asking(900))).settle(told(100));
    const late = admitted(ask(budgets, asking(900), 1));
    late.settle(told(5000));
    expect(usedOf(budgets, 'tokens', MINUTE_MS + 1)).toBe(0);
  });
});

describe('days and months are charged the prompt and the usual answer', () => {
  test('no more than the answer may have', () => {
    const budgets = new ClientBudgets([{ tokensPerDay: 100_000 }]);
    admitted(ask(budgets, asking(10, 50)));
    expect(usedOf(budgets, 'day')).toBe(60);
  });

  test('where the answer has no bound, or a distant one, as many as are usual', () => {
    const budgets = new ClientBudgets([{ tokensPerDay: 100_000 }]);
    expect(budgets.usualOutputTokens).toBe(1000);
    admitted(ask(budgets, { ...asking(10, 16), isOutputOpen: true })).settle({ kind: 'untold' });
    expect(usedOf(budgets, 'day')).toBe(1010);
    for (let time = 0; time < 100; time++) admitted(ask(budgets, asking(0, 4096))).settle(told(0, 100));
    const before = usedOf(budgets, 'day') ?? 0;
    admitted(ask(budgets, asking(10, 128_000)));
    const reserved = (usedOf(budgets, 'day') ?? 0) - before - 10;
    expect(reserved >= 100 && reserved < 120).toBe(true);
  });

  test('embeddings tell nothing of how long answers are', () => {
    const budgets = new ClientBudgets([{ tokensPerDay: 1_000_000 }]);
    for (let time = 0; time < 100; time++) admitted(ask(budgets, asking(1))).settle(told(1));
    const before = usedOf(budgets, 'day') ?? 0;
    admitted(ask(budgets, asking(1, 5000)));
    expect((usedOf(budgets, 'day') ?? 0) - before).toBe(1001);
  });

  test('beside others under way, the usual answer must fit as well', () => {
    const budgets = new ClientBudgets([{ tokensPerDay: 100 }]);
    const first = admitted(ask(budgets, asking(10, 50)));
    expect(ask(budgets, asking(10, 31))).toMatchObject({ limit: 'day', used: 60, reserved: 60 });
    expect(ask(budgets, asking(10, 30)).kind).toBe('admitted');
    first.settle(told(10, 1));
  });

  test('the last of a day is spent although a usual answer does not fit', () => {
    const budgets = new ClientBudgets([{ tokensPerDay: 100 }]);
    const served = [];
    while (served.length < 50) {
      const answer = ask(budgets, { ...asking(10, 16), isOutputOpen: true });
      if (answer.kind !== 'admitted') break;
      answer.settle(told(10, 20));
      served.push(usedOf(budgets, 'day'));
    }
    expect(served).toEqual([30, 60, 90, 120]);
  });
});

test('what no budget covers is admitted and never charged', () => {
  const budgets = new ClientBudgets([
    { deployments: ['o3'], rpm: 0, tpm: 0, concurrent: 0, tokensPerDay: 0 },
  ]);
  admitted(ask(budgets, asking(1_000_000))).settle(told(1));
  expect([budgets.outstanding, budgets.remaining('gpt-4o', 0)]).toEqual([
    0,
    { tokens: undefined, requests: undefined },
  ]);
  expect(ask(budgets, asking(1, 0, 'o3')).kind).toBe('too-large');
  expect(ask(budgets, asking(0, 0, 'o3')).kind).toBe('quota');
  expect(ask(new ClientBudgets([]), asking(1)).kind).toBe('admitted');
});

test('a request of which nothing is known is refused where nothing is left, and charged what it is found to be', () => {
  const budgets = new ClientBudgets([{ tpm: 100, tokensPerDay: 1000 }]);
  admitted(ask(budgets, { deployment: 'gpt-4o' })).settle(told(100, 50));
  expect(usedOf(budgets, 'tokens')).toBe(150);
  expect(ask(budgets, { deployment: 'gpt-4o' })).toMatchObject({ limit: 'tokens', retryMs: 59_000 });
  const exact = new ClientBudgets([{ tpm: 100 }]);
  spend(exact, 100);
  expect(ask(exact, { deployment: 'gpt-4o' })).toMatchObject({ limit: 'tokens' });
});

test('deployments of one budget share it', () => {
  const budgets = new ClientBudgets([{ deployments: ['a', 'b'], tpm: 100 }]);
  admitted(ask(budgets, asking(60, 0, 'a')));
  expect(ask(budgets, asking(60, 0, 'b')).kind).toBe('rate');
});

test('what remains is that of the budget which has the least of it, tokens and requests each', () => {
  const budgets = new ClientBudgets([
    { tpm: 1000, rpm: 10 },
    { deployments: ['gpt-4o'], tpm: 500, rpm: 20 },
  ]);
  spend(budgets, 100);
  expect(budgets.remaining('gpt-4o', 20_000)).toEqual({
    tokens: { limit: 500, remaining: 400, resetMs: 40_000 },
    requests: { limit: 10, remaining: 9, resetMs: 40_000 },
  });
  expect(budgets.remaining('o3', MINUTE_MS)).toEqual({
    tokens: { limit: 1000, remaining: 1000, resetMs: 0 },
    requests: { limit: 10, remaining: 10, resetMs: 0 },
  });
});

test('the report says of each limit how it stands', () => {
  const budgets = new ClientBudgets([
    { deployments: ['gpt-4o'], tpm: 1000, rpm: 10, concurrent: 4, tokensPerDay: 200, tokensPerMonth: 4000 },
    { concurrent: 9 },
  ]);
  spend(budgets, 80);
  admitted(ask(budgets, asking(20)));
  expect(budgets.report(15_000, NOON_MS)).toEqual([
    {
      deployments: ['gpt-4o'],
      inFlight: 1,
      limits: [
        { limit: 'tokens', limitValue: 1000, used: 100, share: 0.1, resetMs: 45_000 },
        { limit: 'requests', limitValue: 10, used: 2, share: 0.2, resetMs: 45_000 },
        { limit: 'concurrent', limitValue: 4, used: 1, share: 0.25, resetMs: undefined },
        { limit: 'day', limitValue: 200, used: 100, share: 0.5, resetMs: 43_200_000 },
        { limit: 'month', limitValue: 4000, used: 100, share: 0.025, resetMs: 43_200_000 },
      ],
    },
    {
      deployments: undefined,
      inFlight: 1,
      limits: [{ limit: 'concurrent', limitValue: 9, used: 1, share: 1 / 9, resetMs: undefined }],
    },
  ]);
});

test('a budget covers its deployments in capitals and in small letters, as backends do not tell these apart', () => {
  const budgets = new ClientBudgets([{ deployments: ['GPT-4o'], rpm: 2 }]);
  for (const name of ['gpt-4o', 'GPT-4O']) expect(ask(budgets, asking(1, 0, name)).kind).toBe('admitted');
  for (const name of ['gpt-4o', 'GPT-4o', 'Gpt-4o'])
    expect(ask(budgets, asking(1, 0, name)).kind).toBe('rate');
  expect(ask(budgets, asking(1, 0, 'gpt-4')).kind).toBe('admitted');
});

test('what was relayed before anything is told raises what was settled, and what is told then corrects it', () => {
  const budgets = new ClientBudgets([{ tpm: 1000, tokensPerDay: 5000 }]);
  const late = admitted(ask(budgets, asking(100, 200)));
  late.raise(10_000);
  late.settle({ kind: 'untold' });
  late.raise(50);
  expect([usedOf(budgets, 'tokens'), usedOf(budgets, 'day')]).toEqual([300, 300]);
  late.raise(700);
  late.raise(600);
  expect([usedOf(budgets, 'tokens'), usedOf(budgets, 'day')]).toEqual([800, 800]);
  late.correct({ promptTokens: 100, outputTokens: 30 });
  late.raise(700);
  expect([usedOf(budgets, 'tokens'), usedOf(budgets, 'day')]).toEqual([130, 130]);
});

test('what is told late corrects what was settled without it, once, where it was charged', () => {
  const budgets = new ClientBudgets([{ tpm: 1000, tokensPerDay: 1000, concurrent: 1 }]);
  const late = admitted(ask(budgets, asking(100, 200)));
  late.settle({ kind: 'untold' });
  expect([budgets.outstanding, usedOf(budgets, 'tokens'), usedOf(budgets, 'day')]).toEqual([0, 300, 300]);
  late.correct({ promptTokens: Number.NaN, outputTokens: 1 });
  late.correct({ promptTokens: 20, outputTokens: 30 });
  late.correct({ promptTokens: 20, outputTokens: 30 });
  expect([budgets.outstanding, usedOf(budgets, 'tokens'), usedOf(budgets, 'day')]).toEqual([0, 50, 50]);
  const known = admitted(ask(budgets, asking(100)));
  known.settle(told(7));
  known.correct({ promptTokens: 20, outputTokens: 30 });
  expect(usedOf(budgets, 'day')).toBe(57);
});
