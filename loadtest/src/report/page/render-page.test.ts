import { expect, test } from 'vitest';
import { judgeResult } from '../../scenarios/judge-result.ts';
import { reportScenario } from '../../scenarios/report-scenario.ts';
import type { ScenarioResult } from '../../scenarios/scenario-result.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { compareReports } from '../compare-reports.ts';
import type { Report } from '../report.ts';
import { renderPage } from './render-page.ts';

const scenario: Scenario = {
  name: 'throttled',
  shows: 'east is throttled & west takes over',
  durationMs: 2_000,
  backends: [
    { name: 'east', priority: 1 },
    { name: 'west', priority: 2 },
  ],
  changes: [{ atMs: 500, forMs: 1_000, backend: 'east', script: 'throttle(retry-after=1)' }],
  expectations: [{ kind: 'clients-see', status: 200 }],
};

/** A request each millisecond; `statusAt` determines the clients' statuses. */
function resultOf(statusAt: (atMs: number) => number): ScenarioResult {
  const moments = Array.from({ length: 2_000 }, (_, atMs) => atMs);
  const answers = moments.map((atMs) => ({
    atMs,
    status: statusAt(atMs),
    latencyMs: 20 + (atMs % 7),
    backend: statusAt(atMs) === 200 ? 'east' : undefined,
    retryAfterSeconds: undefined,
    retryAfterMs: undefined,
  }));
  const calls = (isCalled: (atMs: number) => boolean, status: number) =>
    moments.filter(isCalled).map((atMs) => ({ atMs, status }));
  return {
    clients: { answers, errors: 0, latencyP50Ms: 23, latencyP99Ms: 26 },
    backends: [
      { name: 'east', priority: 1, calls: calls((atMs) => atMs < 500, 200) },
      { name: 'west', priority: 2, calls: calls((atMs) => atMs >= 500, 503) },
    ],
  };
}

function reportOf(result: ScenarioResult): Report {
  const verdicts = judgeResult(scenario.expectations, result);
  const runs = [reportScenario(scenario, result, verdicts)];
  return { version: 1, kind: 'scenarios', title: 'Load <test>', madeAt: '2026-01-02', charts: [], runs };
}

const good = reportOf(resultOf(() => 200));
const bad = reportOf(resultOf((atMs) => (atMs < 700 ? 200 : 503)));

test('the page of a run that failed leads with what broke and why, before any figure or plot', async () => {
  const page = await renderPage(bad, undefined);
  const lead = page.slice(page.indexOf('<section'), page.indexOf('</section>'));
  expect(lead).toContain('1 of 2 expectations failed');
  expect(lead).toContain('expected “clients see 200 only”, found 2000 answers, 1300 of them 503');
  expect(lead).toContain(
    'the first was 503 from the gateway itself at 0.70 s; before it came 503 by west at 0.70 s',
  );
  expect(page.indexOf('<svg')).toBeGreaterThan(page.indexOf('</section>'));
});

test('the page of a run that met everything says so first', async () => {
  const page = await renderPage(good, undefined);
  expect(page.slice(page.indexOf('<section'), page.indexOf('</section>'))).toContain(
    'All 2 expectations were met.',
  );
});

test('the page of runs without expectations does not say that all of them were met', async () => {
  const runs = bad.runs.map((run) => ({ ...run, verdicts: [] }));
  const page = await renderPage({ ...bad, runs }, undefined);
  const lead = page.slice(page.indexOf('<section'), page.indexOf('</section>'));
  expect(lead).toContain('Nothing was expected');
  expect(lead).not.toMatch(/Nothing broke|were met/);
});

test('the page loads nothing, has no script and is below 2 MB', async () => {
  const page = await renderPage(bad, compareReports(good, bad));
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).not.toMatch(/https?:|src=|url\(|@import|<script|<link|<image|\son\w+=/i);
  expect(page).not.toContain('href="#run-undefined"');
  expect(page.match(/href="[^"#]/g)).toBeNull();
  expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
});

test('the page has every plot of a scenario twice, for wide and narrow screens, with its throttle shaded', async () => {
  const page = await renderPage(good, undefined);
  for (const title of [
    'Requests at each of the 2 backends',
    'What clients saw',
    'Latency of clients’ answers',
    'Attempts per answer',
  ])
    expect(page.split(`aria-label="${title}"`)).toHaveLength(3);
  expect(page).toContain('fill="#E69F00" opacity="0.18"');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('names are text on the page, whatever characters they have', async () => {
  const page = await renderPage(good, undefined);
  expect(page).toContain('<h1>Load &lt;test&gt;</h1>');
  expect(page).toContain('east is throttled &amp; west takes over');
});

test('a scenario in which nobody was answered has a page too', async () => {
  const silent: ScenarioResult = {
    clients: { answers: [], errors: 12, latencyP50Ms: Number.NaN, latencyP99Ms: Number.NaN },
    backends: scenario.backends.map((backend) => ({ ...backend, calls: [] })),
  };
  const page = await renderPage(reportOf(silent), undefined);
  expect(page).toContain('no client was answered in this time');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test.each(['مرحبا.yaml', 'a b', 'a"b', "a'b<i>", '🚀', '\uD83D'])(
  'a failure leads to its own run, whatever others are called: %j',
  async (name) => {
    const runs = bad.runs.flatMap((run) => [
      { ...run, name: 'سلاما.yaml' },
      { ...run, name: 'a-b' },
      { ...run, name },
    ]);
    const page = await renderPage({ ...bad, runs }, undefined);
    const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect([...page.matchAll(/<section class="run" id="([^"]*)"/g)].map(([, id]) => id)).toEqual(links);
    expect(new Set(links).size).toBe(3);
  },
);

test('each plot is one image with a name, and tables can be scrolled by keyboard', async () => {
  const page = await renderPage(bad, undefined);
  const plots = page.match(/<svg .*?<\/svg>/gs) ?? [];
  expect(plots.length).toBeGreaterThan(0);
  for (const plot of plots) {
    expect(plot).toMatch(/^<svg role="img" aria-label="[^"]+" /);
    expect(plot.match(/ (role|aria-[a-z]+)="/g)).toEqual([' role="', ' aria-label="']);
  }
  expect(page).toContain('<div class="table"');
  expect(page).not.toContain('<div class="table">');
});

test('a plot whose label is long is no wider than others', async () => {
  const [run] = bad.runs;
  const widthsWith = async (label: string) => {
    const charts = run!.charts.map((chart) => ({
      ...chart,
      rows: chart.rows.map((row) => ({ ...row, label })),
    }));
    const page = await renderPage({ ...bad, charts, runs: [] }, undefined);
    return [...page.matchAll(/<svg [^>]*?\bwidth="(\d+)"/g)].map(([, width]) => Number(width));
  };
  const plain = await widthsWith('east');
  expect(plain.length).toBeGreaterThan(0);
  for (const label of ['W'.repeat(130), `${'🚀'.repeat(64)} for ${'中'.repeat(64)}`])
    expect(await widthsWith(label)).toEqual(plain);
});
