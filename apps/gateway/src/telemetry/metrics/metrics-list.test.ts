import { expect, test } from 'vitest';
import { renderMetricsPage } from './render-page.ts';
import { requestMetrics } from './request-metric-list.ts';
import { stateMetrics } from './state-metric-list.ts';

const metrics = [...Object.values(requestMetrics), ...Object.values(stateMetrics)];

test('the page of metrics in docs/ is what there is today', async () => {
  await expect(renderMetricsPage()).toMatchFileSnapshot('../../../../../docs/metrics.md');
});

test.each(metrics)('$name is called and described as the field does', ({ name, type, help, labels }) => {
  expect(name).toMatch(/^(?:spillway|process|nodejs)(?:_[a-z0-9]+)+$/);
  expect(name).not.toMatch(/_total$/);
  expect(type !== 'histogram' || name.endsWith('_seconds')).toBe(true);
  expect(help).toMatch(/^[A-Z].*\.$/);
  expect(help).not.toMatch(/[\\\n"]/);
  expect(new Set(labels).size).toBe(labels.length);
});

test('no two metrics have one name', () => {
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
});
