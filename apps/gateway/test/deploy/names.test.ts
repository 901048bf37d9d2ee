import { expect, test } from 'vitest';
import { Scraped } from '../admin/scraped.ts';
import { dashboard, filledIn, queries, rules } from './deployed.ts';
import { sendDemoTraffic, startDemoScene } from './demo-scene.ts';
import { isMatch, type Matcher, readQuery } from './read-query.ts';

/** Prometheus gives these to every series. */
const OF_PROMETHEUS = ['job', 'instance'];

const asked = [
  ...queries.map(({ panel, expression, legend }) => ({
    what: panel,
    expression: filledIn(expression),
    legend,
  })),
  ...dashboard.templating.list
    .filter(({ type }) => type === 'query')
    .map(({ name, query }) => ({
      what: `variable ${name}`,
      expression: filledIn(query.replace(/^label_values\((.+), \w+\)$/, '$1')),
      legend: '',
    })),
  ...rules.map(({ record, alert = record ?? '', expr, annotations = {} }) => ({
    what: alert,
    expression: expr,
    legend: Object.values(annotations).join(' '),
  })),
];

/** The series that rules record, with the labels that remain. */
const recorded = new Map(
  rules.flatMap(({ record, expr }) => (record ? [[record, readQuery(expr).labels]] : [])),
);

/** Returns the problem of a selector. */
function problemOf(scraped: Scraped, metric: string, matchers: readonly Matcher[]): string | undefined {
  if (metric === 'up') return undefined;
  const own = recorded.get(metric);
  if (own !== undefined)
    return matchers.every(({ label }) => own.includes(label)) ? undefined : 'no such label';
  const series = scraped.labelsOf(metric);
  if (series.length === 0) return 'no such metric';
  const ofGateway = matchers.filter(({ label }) => !OF_PROMETHEUS.includes(label));
  const unknown = ofGateway.find(({ label }) => series.every((labels) => !(label in labels)));
  if (unknown !== undefined) return `no label ${unknown.label}`;
  const isThere = series.some((labels) =>
    ofGateway.every((matcher) => isMatch(matcher, labels[matcher.label])),
  );
  if (!isThere) return 'no series with these values';
  // A list of values must not contain one that never occurs.
  const values = ofGateway
    .filter(({ operator }) => operator === '=~')
    .flatMap(({ label, value }) => value.split('|').map((one) => [label, one] as const));
  const dead = values.find(([label, value]) => series.every((labels) => labels[label] !== value));
  return dead && `no series with ${dead.join('=')}`;
}

test('every metric, label and value in the dashboard and in the rules is one that the gateway really has', async () => {
  const scene = await startDemoScene();
  await sendDemoTraffic(scene);
  const scraped = await Scraped.of(scene);
  const problems: string[] = [];
  for (const { what, expression, legend } of asked) {
    const { selectors, labels } = readQuery(expression);
    if (selectors.length === 0) problems.push(`${what}: no metric`);
    for (const { metric, matchers } of selectors) {
      const problem = problemOf(scraped, metric, matchers);
      if (problem !== undefined) problems.push(`${what}: ${metric}: ${problem}`);
    }
    const there = new Set([
      ...OF_PROMETHEUS,
      ...selectors.flatMap(
        ({ metric }) => recorded.get(metric) ?? scraped.labelsOf(metric).flatMap(Object.keys),
      ),
    ]);
    const shown = [...legend.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = '']) => label);
    for (const label of [...labels, ...shown])
      if (!there.has(label)) problems.push(`${what}: no label ${label}`);
  }
  expect(problems).toEqual([]);
});

test.each([
  ['spillway_request_total', 'no such metric'],
  ['spillway_requests_total{status="500"}', 'no series with these values'],
  ['spillway_requests_total{code="429"}', 'no label code'],
  ['spillway_requests_total{status=~"429|500"}', 'no series with status=500'],
  ['job:spillway_requests:rate5m{backend="a"}', 'no such label'],
])('the check finds what is wrong with %s', async (expression, problem) => {
  const scraped = await Scraped.of(await startDemoScene());
  const [selector] = readQuery(expression).selectors;
  expect(problemOf(scraped, selector!.metric, selector!.matchers)).toBe(problem);
  expect(() => readQuery(`${expression} {`)).toThrow('this is no PromQL');
});

test('every metric of the gateway is in the dashboard or in a rule', async () => {
  const shown = new Set(
    asked.flatMap(({ expression }) => readQuery(expression).selectors.map(({ metric }) => metric)),
  );
  const scene = await startDemoScene();
  const scraped = await Scraped.of(scene);
  const names = scraped.names.map((name) => name.replace(/_(?:sum|count)$/, '_bucket'));
  expect([...new Set(names)].filter((name) => !shown.has(name))).toEqual([]);
});
