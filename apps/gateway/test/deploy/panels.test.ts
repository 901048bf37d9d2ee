import { expect, test } from 'vitest';
import { stateColours } from '../../../../deploy/grafana/colours.ts';
import { isThere, startPrometheus } from '../testing/start-prometheus.ts';
import { filledIn, queries, rules, rulesPath } from './deployed.ts';
import { sendDemoTraffic, startDemoScene } from './demo-scene.ts';

/** Shows a process only in its first minutes, and the tests' process may be older. */
const withoutAge = (expression: string) => expression.replace(/ < 120$/, '');

const asked = [
  ...queries.map(({ panel, expression, legend }) => ({
    what: `${panel}: ${legend}`,
    expression: withoutAge(filledIn(expression)),
    labels: [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
  })),
  ...rules.flatMap(({ record }) => (record ? [{ what: record, expression: record, labels: ['job'] }] : [])),
];

test('every query of the dashboard has data in a real Prometheus after some traffic and a throttled backend', async ({
  skip,
}) => {
  if (!isThere('prometheus')) skip('prometheus is not on this machine: apt-get install prometheus');
  const scene = await startDemoScene();
  const { query } = await startPrometheus(scene, undefined, [rulesPath]);
  await expect.poll(() => query('up == 1').catch(String)).toHaveLength(1);

  await expect
    .poll(async () => {
      await sendDemoTraffic(scene);
      const answers = await Promise.all(asked.map(({ expression }) => query(expression)));
      return asked.filter((_, place) => answers[place]?.length === 0).map(({ what }) => what);
    })
    .toEqual([]);

  const unlabelled = await Promise.all(
    asked.map(async ({ what, expression, labels }) => {
      const series = await query(expression);
      return series.every(({ metric }) => labels.every((label) => label in metric)) ? [] : [what];
    }),
  );
  expect(unlabelled.flat()).toEqual([]);

  const valueOf = async (title: string, label = '', value?: string) => {
    const { expression = '' } = asked.find(({ what }) => what.startsWith(title)) ?? {};
    return (await query(expression)).find(({ metric }) => metric[label] === value)?.value;
  };
  const stateOf = (backend: string) => valueOf('State of each backend', 'backend', backend);
  await expect.poll(() => stateOf('a')).toBe(Object.keys(stateColours).indexOf('throttled'));
  await expect.poll(() => stateOf('b')).toBe(Object.keys(stateColours).indexOf('available'));
  await expect.poll(() => valueOf('Backends that take requests')).toBe(2);
  expect(await valueOf('Time left of cooldowns: {{backend}} {{deployment}}', 'backend', 'a')).toBeGreaterThan(
    100,
  );
  expect(await valueOf('Cooldowns', 'state', 'throttled')).toBe(1);
  await expect
    .poll(async () => {
      await sendDemoTraffic(scene);
      return (await valueOf('Spilled')) ?? 0;
    })
    .toBeGreaterThan(0.5);
  expect(await valueOf('Requests that failed')).toBe(0);
});

test('every query of the dashboard has data before the first request, but for those about quotas, which only backends know', async ({
  skip,
}) => {
  if (!isThere('prometheus')) skip('prometheus is not on this machine: apt-get install prometheus');
  const { query } = await startPrometheus(await startDemoScene());
  const atStart = queries.filter(
    ({ expression }) =>
      !/headroom|utilization_ratio|_tokens\{|_requests\{|throttled\|cooling/.test(expression),
  );
  expect(atStart.length).toBeGreaterThan(30);
  await expect
    .poll(async () => {
      const answers = await Promise.all(
        atStart.map(({ expression }) => query(withoutAge(filledIn(expression))).catch(() => [])),
      );
      return atStart
        .filter((_, place) => answers[place]?.length === 0)
        .map(({ panel, legend }) => `${panel}: ${legend}`);
    })
    .toEqual([]);
});
