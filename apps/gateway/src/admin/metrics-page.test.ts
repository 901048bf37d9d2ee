import { expect, test } from 'vitest';
import { Registry } from '../telemetry/metrics/registry.ts';
import { formatFor, type MetricsParts, readMetrics } from './metrics-page.ts';

const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

test.each([
  [undefined, 'prometheus'],
  ['', 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/html', 'prometheus'],
  ['text/plain', 'prometheus'],
  ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'prometheus'],
  [PROMETHEUS_2, 'openmetrics'],
  [PROMETHEUS_3, 'openmetrics'],
  ['application/openmetrics-text', 'openmetrics'],
  ['Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
  ['application/openmetrics-text;version=0.0.1', 'prometheus'],
  ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', 'prometheus'],
  ['application/openmetrics-text;q=0.1,text/plain', 'prometheus'],
  ['application/openmetrics-text;q=0,text/plain;q=0', 'prometheus'],
  ['application/openmetrics-text;q=x', 'prometheus'],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;q=0.7', 'prometheus'],
])('%j asks for the format %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});

test('the series that were not made are those of both registries, the one that is only sent included', () => {
  const registry = new Registry(1);
  const count = registry.counter({ name: 'x', type: 'counter', labels: ['y'], help: '' });
  for (const value of ['a', 'b', 'c']) count(value);
  const parts = {
    current: () => ({
      pool: { report: () => [] },
      nowMs: () => 0,
      clients: { byName: new Map() },
      config: {},
    }),
    describeProcess: () => ({}),
    delay: { worst: {} },
    registry,
    conventions: { dropped: 5 },
    requests: { names: undefined },
    reloader: { report: {} },
    wrongTokens: {},
  };
  const { readings } = readMetrics(parts as unknown as MetricsParts);
  const dropped = readings.find(({ metric }) => metric.name === 'spillway_dropped_series');
  expect([...(dropped?.values.values() ?? [])]).toEqual([7]);
});
