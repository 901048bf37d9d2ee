import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Metric } from './metric.ts';

import { requestMetrics } from './request-metric-list.ts';
import { stateMetrics } from './state-metric-list.ts';

const published = new URL('published-metrics.txt', import.meta.url);
const metrics = [...Object.values(requestMetrics), ...Object.values(stateMetrics)];
const today = metrics.map(signatureOf);

/** Returns the properties of a metric that others have built on. */
function signatureOf({ name, type, labels }: Metric): string {
  return `${type} ${name}${type === 'counter' ? '_total' : ''}{${labels.join(', ')}}`;
}

/** Returns the metrics that have changed without an entry in the changelog. */
function missingFromChangelog(
  before: readonly string[],
  now: readonly string[],
  changelog: string,
): string[] {
  return before.filter((one) => !now.includes(one) && !changelog.includes(`\`${one}\``));
}

test('the list of all metrics that ever were has those of today, and none is taken from it', async () => {
  const before = readFileSync(published, 'utf8').split('\n').filter(Boolean);
  const all = [...new Set([...before, ...today])].sort();
  await expect(`${all.join('\n')}\n`).toMatchFileSnapshot(published.pathname);
});

test('a metric that was renamed or removed, or whose labels or type have changed, has a line in the changelog', () => {
  const before = readFileSync(published, 'utf8').split('\n').filter(Boolean);
  const changelog = readFileSync(new URL('../../../../../CHANGELOG.md', import.meta.url), 'utf8');
  expect(missingFromChangelog(before, today, changelog)).toEqual([]);
});

const metric: Metric = { name: 'spillway_x', type: 'counter', labels: ['backend'], help: 'X.' };

test.each<[string, readonly Metric[], string, readonly string[]]>([
  ['is as it was', [metric], '', []],
  ['says something else of itself', [{ ...metric, help: 'Y.' }], '', []],
  ['is gone', [], '', ['counter spillway_x_total{backend}']],
  ['has another name', [{ ...metric, name: 'spillway_y' }], '', ['counter spillway_x_total{backend}']],
  [
    'has a further label',
    [{ ...metric, labels: ['backend', 'z'] }],
    '',
    ['counter spillway_x_total{backend}'],
  ],
  ['lost a label', [{ ...metric, labels: [] }], '', ['counter spillway_x_total{backend}']],
  ['has another type', [{ ...metric, type: 'gauge' }], '', ['counter spillway_x_total{backend}']],
  [
    'is gone, and the changelog names another',
    [],
    '- `counter spillway_x_total{}` is gone.',
    ['counter spillway_x_total{backend}'],
  ],
  ['is gone, and the changelog says so', [], '- `counter spillway_x_total{backend}` is gone.', []],
])('a metric that %s is told from one that is not', (_, now, changelog, missing) => {
  expect(missingFromChangelog([signatureOf(metric)], now.map(signatureOf), changelog)).toEqual(missing);
});
