import { expect, test } from 'vitest';
import { renderPage } from '../../report/page/render-page.ts';
import { renderGrid } from '../../report/plot/render-charts.ts';
import type { RunFigures } from '../measure-run.ts';
import { chartHarvest } from './harvest-charts.ts';
import type { HarvestRow } from './harvest-row.ts';
import { judgeTargets } from './judge-targets.ts';
import { renderBars } from './render-bars.ts';
import { renderReport } from './render-report.ts';
import { reportHarvest } from './report-harvest.ts';

const spread = { count: 8, p50Ms: 1, p99Ms: 250, maxMs: 300 };
const good: RunFigures = {
  requests: 1_000,
  succeeded: 500,
  refused: 500,
  failed: 0,
  attempts: 505,
  backendRefusals: 5,
  offeredTokens: 2_000,
  servedTokens: 985,
  allowedTokens: 1_000,
  promptTokens: 800,
  cachedTokens: 200,
  avoidable: { atThatMoment: 3, knowably: 0 },
  added: spread,
  late: spread,
  idle: spread,
  driverLateP99Ms: 2,
};

const row = (changes: Partial<RunFigures> = {}, contestant = 'spillway', load = 2): HarvestRow => ({
  contestant,
  load,
  figures: { ...good, ...changes },
});

const missed = (one: HarvestRow) =>
  judgeTargets([one])
    .filter(({ isMet }) => !isMet)
    .map(({ claim }) => claim);

test.each<[string, HarvestRow, string[]]>([
  ['everything is just good enough', row(), []],
  ['something fails', row({ failed: 1 }), ['2x spillway: every request gets a good answer or a 429']],
  [
    'too little is served',
    row({ servedTokens: 984 }),
    ["2x spillway: at least 98.5 % of the quotas' tokens are served"],
  ],
  [
    'too many backend 429s',
    row({ backendRefusals: 6 }),
    ['2x spillway: at most 5 backend 429s per 1,000 requests'],
  ],
  ['too many attempts', row({ attempts: 506 }), ['2x spillway: at most 1.01 attempts per success']],
  [
    'an avoidable 429',
    row({ avoidable: { atThatMoment: 1, knowably: 1 } }, 'spillway', 0.5),
    ['0.5x spillway: no client 429 is avoidable'],
  ],
  [
    'quota that is back too long',
    row({ late: { ...spread, p99Ms: 251 } }, 'spillway', 1),
    ['1x spillway: returned quota is used within 250 ms (p99)'],
  ],
  ['little is served of a small load', row({ servedTokens: 500, attempts: 600 }, 'spillway', 0.5), []],
  [
    'the waiting room refuses a client',
    row({}, 'waiting-room', 0.9),
    ['0.9x waiting-room: no client gets a 429'],
  ],
  ['the waiting room is full at twice the quotas', row({}, 'waiting-room', 2), []],
  ['another policy is bad', row({ failed: 9, servedTokens: 1, backendRefusals: 900 }, 'round-robin'), []],
])('the targets that are missed are named when %s', (_case, one, expected) => {
  expect(missed(one)).toEqual(expected);
});

test('the report has a line for each run in both tables', () => {
  const lines = renderReport([row(), row({ late: { ...spread, p99Ms: NaN } }, 'round-robin', 0.5)]).split(
    '\n',
  );
  const ofSpillway = lines
    .filter((line) => line.startsWith('2x spillway'))
    .map((line) => line.split(/ {2,}/));
  expect(ofSpillway).toEqual([
    [
      '2x spillway',
      '1000',
      '200.0 %',
      '98.5 %',
      '49.3 %',
      '5.0',
      '500.0',
      '0',
      '3',
      '0.505',
      '1.010',
      '0',
      '25.0 %',
    ],
    ['2x spillway', '1.0', '250.0', '8', '1.0', '250.0', '300.0', '1.0', '250.0', '300.0', '2.0'],
  ]);
  expect(lines.filter((line) => line.startsWith('0.5x round-robin'))).toHaveLength(2);
});

test('runs that were sent late are named, because they are measured badly', () => {
  expect(renderReport([row()])).not.toContain('figures are unreliable');
  expect(renderReport([row(), row({ driverLateP99Ms: 26 }, 'round-robin')])).toContain(
    'figures are unreliable: 2x round-robin',
  );
});

test('a bar is as long as its share of the longest', () => {
  const bars = renderBars([row({ servedTokens: 1_000 }), row({ servedTokens: 500 }, 'round-robin')]).split(
    '\n',
  );
  expect(bars.slice(1, 3)).toEqual([
    `  2x spillway    ${'█'.repeat(50)} 100.0`,
    `  2x round-robin ${'█'.repeat(25)} 50.0`,
  ]);
});

test('the plots name every contestant, and have a point for each run in each of them', async () => {
  const charts = chartHarvest([row(), row({}, 'spillway', 1), row({}, 'round-robin')]);
  const svg = await renderGrid(charts);
  expect(svg).toContain('>spillway</text>');
  expect(svg).toContain('>round-robin</text>');
  expect(svg).not.toContain('NaN');
  expect(charts.map(({ rows }) => rows[0]?.series.flatMap(({ points }) => points))).toEqual(
    charts.map(() => [expect.any(Array), expect.any(Array), expect.any(Array)]),
  );
});

test('a contestant has the same colour in every plot, and no other has it', () => {
  const charts = chartHarvest(
    ['spillway', 'waiting-room', 'apim-sample', 'round-robin'].map((name) => row({}, name)),
  );
  const used = charts.map(({ rows }) => rows[0]?.series.map(({ name, colour }) => `${name} ${colour}`));
  expect(new Set(used.map(String)).size).toBe(1);
  expect(new Set(used[0]?.map((one) => one.split(' ')[1])).size).toBe(4);
});

test('the page of a harvest that missed a target leads with it and what may explain it', async () => {
  const page = await renderPage(reportHarvest([row({ servedTokens: 500 }), row()], 'now'), undefined);
  const lead = page.slice(page.indexOf('<section'), page.indexOf('</section>'));
  expect(lead).toContain('expected “at least 98.5 % of the quotas&#39; tokens are served”, found 50.00 %');
  expect(lead).toContain('the load test itself sent its requests up to 2.0 ms late (p99)');
});

test.each<[string, HarvestRow[]]>([
  ['every target met', [row()]],
  ['1 target missed', [row({ failed: 1 })]],
  ['no targets', [row({}, 'round-robin')]],
])('a report is called "%s" where that is so', (title, rows) => {
  expect(reportHarvest(rows, 'now').title).toBe(`Spillway harvest: ${title}`);
});
