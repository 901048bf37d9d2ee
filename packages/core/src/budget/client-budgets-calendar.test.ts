import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { admitted, asking, spend, told } from '../testing/spend.ts';
import { ClientBudgets } from './client-budgets.ts';
import { DAY_MS, dayOf, monthOf } from './period.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
/** The edge of a day and of a month. */
const EDGE_MS = Date.UTC(2026, 11, 1);

const usedOf = (budgets: ClientBudgets, limit: string, wallMs: number) =>
  budgets.report(0, wallMs)[0]?.limits.find((report) => report.limit === limit)?.used;
const usedAt = (budgets: ClientBudgets, wallMs: number) => [
  usedOf(budgets, 'day', wallMs),
  usedOf(budgets, 'month', wallMs),
];
const spendAt = (budgets: ClientBudgets, tokens: number, wallMs: number) => spend(budgets, tokens, 0, wallMs);
const askAt = (budgets: ClientBudgets, tokens: number, wallMs: number) =>
  budgets.admit(asking(tokens), 0, wallMs);

describe('periods', () => {
  test.each([
    [
      '2024-02-29',
      Date.UTC(2024, 1, 29),
      Date.UTC(2024, 2, 1),
      '2024-02',
      Date.UTC(2024, 1),
      Date.UTC(2024, 2),
    ],
    [
      '2026-12-31',
      Date.UTC(2026, 11, 31),
      Date.UTC(2027, 0, 1),
      '2026-12',
      Date.UTC(2026, 11),
      Date.UTC(2027, 0),
    ],
  ])('%s begins and ends at midnight UTC, and so does its month', (id, startMs, endMs, month, ...ends) => {
    for (const atMs of [startMs, startMs + 1, endMs - 1]) {
      expect(dayOf(atMs)).toEqual({ id, startMs, endMs });
      expect(monthOf(atMs)).toEqual({ id: month, startMs: ends[0], endMs: ends[1] });
    }
  });
});

test('a day and a month begin anew at midnight UTC, and not a millisecond before', () => {
  const budgets = new ClientBudgets([{ tokensPerDay: 100, tokensPerMonth: 150 }]);
  spendAt(budgets, 100, EDGE_MS - DAY_MS - 1);
  expect(askAt(budgets, 1, EDGE_MS - DAY_MS - 1)).toMatchObject({
    limit: 'day',
    resetsAtMs: EDGE_MS - DAY_MS,
  });
  spendAt(budgets, 50, EDGE_MS - DAY_MS);
  expect(askAt(budgets, 1, EDGE_MS - 1)).toMatchObject({ limit: 'month', resetsAtMs: EDGE_MS });
  spendAt(budgets, 100, EDGE_MS);
  expect([usedOf(budgets, 'day', EDGE_MS), usedOf(budgets, 'month', EDGE_MS)]).toEqual([100, 100]);
});

test('a request that ends in the next day is settled in the one where it was charged', () => {
  const budgets = new ClientBudgets([{ tokensPerDay: 1000, tokensPerMonth: 1000 }]);
  const late = admitted(askAt(budgets, 900, EDGE_MS - 1));
  spendAt(budgets, 10, EDGE_MS);
  late.settle(told(5000));
  expect([usedOf(budgets, 'day', EDGE_MS), usedOf(budgets, 'month', EDGE_MS)]).toEqual([10, 10]);
  const later = admitted(askAt(budgets, 900, EDGE_MS));
  later.settle({ kind: 'unserved', hasReached: false });
  expect([usedOf(budgets, 'day', EDGE_MS), budgets.outstanding]).toEqual([10, 0]);
});

test('whenever requests come and end, each period has what was admitted in it', () => {
  const steps = fc.array(
    fc.record({
      gapMs: fc.oneof(fc.nat(10 * DAY_MS), fc.nat(HOUR_MS)),
      tokens: fc.nat(1000),
      spent: fc.nat(2000),
      endsAfter: fc.nat(20),
    }),
    { minLength: 1, maxLength: 60, size: 'max' },
  );
  fc.assert(
    fc.property(steps, (some) => {
      const budgets = new ClientBudgets([{ tokensPerDay: 1e9, tokensPerMonth: 1e9 }]);
      let wallMs = EDGE_MS - DAY_MS;
      const open = some.map(({ gapMs, tokens, spent, endsAfter }, index) => {
        wallMs += gapMs;
        const admission = admitted(askAt(budgets, tokens, wallMs));
        return { admission, atMs: wallMs, spent, ends: index + endsAfter };
      });
      for (const { admission, spent } of open.toSorted((one, other) => one.ends - other.ends)) {
        admission.settle(told(spent));
      }
      const sumOf = (idOf: (atMs: number) => string) =>
        open.filter(({ atMs }) => idOf(atMs) === idOf(wallMs)).reduce((sum, { spent }) => sum + spent, 0);
      expect(usedOf(budgets, 'day', wallMs)).toBe(sumOf((atMs) => dayOf(atMs).id));
      expect(usedOf(budgets, 'month', wallMs)).toBe(sumOf((atMs) => monthOf(atMs).id));
    }),
  );
});

describe('a clock that steps', () => {
  test.each([
    ['11 s back', -11 * SECOND_MS],
    ['an hour back', -HOUR_MS],
    ['a day back', -DAY_MS],
  ])('%s over midnight goes on in the later day, which begins only once', (_, stepMs) => {
    const budgets = new ClientBudgets([{ tokensPerDay: 100, tokensPerMonth: 150 }]);
    spendAt(budgets, 90, EDGE_MS - 1);
    spendAt(budgets, 40, EDGE_MS + 1);
    spendAt(budgets, 40, EDGE_MS + 1 + stepMs);
    expect(usedOf(budgets, 'day', EDGE_MS + 1 + stepMs)).toBe(80);
    expect(usedOf(budgets, 'day', EDGE_MS + 5)).toBe(80);
    expect(askAt(budgets, 30, EDGE_MS + 5)).toMatchObject({ limit: 'day', resetsAtMs: EDGE_MS + DAY_MS });
    spendAt(budgets, 1, EDGE_MS + DAY_MS);
    expect(usedOf(budgets, 'month', EDGE_MS + DAY_MS)).toBe(81);
  });

  test.each([-HOUR_MS, -11 * SECOND_MS, 11 * SECOND_MS])(
    'by %d ms within a day changes nothing',
    (stepMs) => {
      const noonMs = EDGE_MS + 12 * HOUR_MS;
      const budgets = new ClientBudgets([{ tpm: 1000, tokensPerDay: 100 }]);
      spendAt(budgets, 40, noonMs);
      spendAt(budgets, 40, noonMs + stepMs);
      expect(usedOf(budgets, 'day', noonMs)).toBe(80);
      expect(askAt(budgets, 20, noonMs + stepMs).kind).toBe('admitted');
    },
  );

  test('that was a year ahead loses nothing when it is right again, and locks nobody out', () => {
    const wrongMs = EDGE_MS + 365 * DAY_MS;
    const budgets = new ClientBudgets([{ tokensPerDay: 100, tokensPerMonth: 100 }]);
    spendAt(budgets, 40, EDGE_MS);
    spendAt(budgets, 30, wrongMs);
    const open = admitted(askAt(budgets, 30, wrongMs));
    expect([usedOf(budgets, 'day', EDGE_MS), usedOf(budgets, 'month', EDGE_MS)]).toEqual([100, 100]);
    expect(askAt(budgets, 1, EDGE_MS)).toMatchObject({ limit: 'month', resetsAtMs: Date.UTC(2027, 0) });
    open.settle(told(10));
    expect(askAt(budgets, 20, EDGE_MS + 1).kind).toBe('admitted');
    expect(askAt(budgets, 100, Date.UTC(2027, 0)).kind).toBe('admitted');
  });
});

describe('a clock that is wrong by years', () => {
  const WRONG_MS = Date.UTC(2020, 0, 1, 23, 59);
  const limits = [{ tokensPerDay: 100, tokensPerMonth: 200 }];

  test('and is set right again begins no day and no month twice', () => {
    const budgets = new ClientBudgets(limits);
    spendAt(budgets, 70, EDGE_MS);
    spendAt(budgets, 5, WRONG_MS);
    spendAt(budgets, 5, WRONG_MS + HOUR_MS);
    expect(usedAt(budgets, EDGE_MS + HOUR_MS)).toEqual([70, 70]);
    spendAt(budgets, 20, EDGE_MS + HOUR_MS);
    expect(usedAt(budgets, EDGE_MS + HOUR_MS)).toEqual([90, 90]);
    expect(usedAt(budgets, EDGE_MS + DAY_MS)).toEqual([0, 90]);
  });

  test('until some time after a restart gives back nothing of what was spent before', () => {
    const before = new ClientBudgets(limits);
    spendAt(before, 70, EDGE_MS);
    const budgets = new ClientBudgets(limits);
    budgets.restore(before.state());
    usedAt(budgets, WRONG_MS);
    expect(usedAt(budgets, EDGE_MS + HOUR_MS)).toEqual([70, 70]);
  });

  test('was ahead by two days charges nothing once more when these have passed', () => {
    const budgets = new ClientBudgets(limits);
    spendAt(budgets, 70, EDGE_MS + 2 * DAY_MS);
    for (const days of [0, 1, 2])
      expect(usedOf(budgets, 'day', EDGE_MS + days * DAY_MS)).toBe(days === 0 ? 70 : 0);
  });
});

describe('what counted before a restart', () => {
  const configured = [
    { tokensPerDay: 100, tokensPerMonth: 1000 },
    { deployments: ['b', 'a'], tokensPerDay: 50 },
  ];
  const restarted = (state: unknown) => {
    const budgets = new ClientBudgets(configured);
    budgets.restore(JSON.parse(JSON.stringify(state)) as ReturnType<ClientBudgets['state']>);
    return budgets;
  };

  test('is plain JSON by deployments and period', () => {
    const budgets = new ClientBudgets(configured);
    expect(budgets.state()).toEqual({ budgets: [] });
    admitted(budgets.admit(asking(30, 0, 'a'), 0, EDGE_MS)).settle(told(20));
    expect(budgets.state()).toEqual({
      budgets: [
        {
          deployments: null,
          day: { period: '2026-12-01', used: 20 },
          month: { period: '2026-12', used: 20 },
        },
        {
          deployments: ['b', 'a'],
          day: { period: '2026-12-01', used: 20 },
          month: { period: '2026-12', used: 20 },
        },
      ],
    });
  });

  test('counts on, with what was under way', () => {
    const before = new ClientBudgets(configured);
    spendAt(before, 40, EDGE_MS);
    askAt(before, 20, EDGE_MS);
    const budgets = restarted(before.state());
    expect(askAt(budgets, 41, EDGE_MS)).toMatchObject({ limit: 'day', used: 60 });
    expect(askAt(budgets, 40, EDGE_MS).kind).toBe('admitted');
  });

  test('is over when its day is, while its month goes on', () => {
    const before = new ClientBudgets(configured);
    spendAt(before, 40, EDGE_MS);
    const budgets = restarted(before.state());
    const laterMs = EDGE_MS + DAY_MS;
    expect([usedOf(budgets, 'day', laterMs), usedOf(budgets, 'month', laterMs)]).toEqual([0, 40]);
    expect(usedOf(restarted(before.state()), 'month', Date.UTC(2027, 0))).toBe(0);
  });

  test('never lowers what is known, and is not added twice', () => {
    const budgets = new ClientBudgets(configured);
    spendAt(budgets, 30, EDGE_MS);
    const old = budgets.state();
    spendAt(budgets, 30, EDGE_MS);
    const open = admitted(askAt(budgets, 20, EDGE_MS));
    const yesterday = { period: '2026-11-30', used: 99 };
    const before = {
      budgets: [{ deployments: null, day: yesterday, month: { ...yesterday, period: '2026-11' } }],
    };
    for (const state of [budgets.state(), budgets.state(), old, before]) {
      budgets.restore(state);
      expect([usedOf(budgets, 'day', EDGE_MS), usedOf(budgets, 'month', EDGE_MS)]).toEqual([80, 80]);
    }
    open.settle(told(5));
    expect(usedOf(budgets, 'day', EDGE_MS)).toBe(65);
  });

  test('counts for budgets that are configured only later', () => {
    const budgets = new ClientBudgets([]);
    budgets.restore({ budgets: [{ deployments: null, day: { period: '2026-12-01', used: 100 } }] });
    budgets.update(configured);
    expect(askAt(budgets, 1, EDGE_MS).kind).toBe('quota');
  });

  test('of a day that is not yet, or long ago, locks nobody out', () => {
    for (const period of ['2031-05-05', '1999-01-01']) {
      const budgets = restarted({ budgets: [{ deployments: null, day: { period, used: 100 } }] });
      expect(askAt(budgets, 1, EDGE_MS + DAY_MS).kind).toBe(period > '2026' ? 'quota' : 'admitted');
      expect(askAt(budgets, 1, EDGE_MS + 2 * DAY_MS).kind).toBe('admitted');
    }
  });

  test.each([
    { period: '2026-12-01', used: -5 },
    { period: '2026-12-01', used: Number.POSITIVE_INFINITY },
    { period: '2026-12-01', used: null },
    { period: '2026-12-01', used: '90' },
    { period: '2026-13-01', used: 100 },
    { period: '2026-02-31', used: 100 },
    { period: '2026-12-01T10:00', used: 100 },
    { period: 20_261_201, used: 100 },
    { used: 100 },
    {},
  ])('is left alone where it is none: %j', (day) => {
    const budgets = new ClientBudgets(configured);
    budgets.restore({ budgets: [{ deployments: null, day }] } as ReturnType<ClientBudgets['state']>);
    expect(usedOf(budgets, 'day', EDGE_MS)).toBe(0);
    expect(budgets.state()).toEqual({ budgets: [] });
  });
});
