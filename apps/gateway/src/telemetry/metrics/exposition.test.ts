import { expect, test } from 'vitest';
import { renderMetrics } from './exposition.ts';
import { renderLabels } from './metric.ts';
import { Registry } from './registry.ts';

const requests = { name: 'x_requests', type: 'counter', help: 'Requests.', labels: ['path'] } as const;
const seconds = {
  name: 'x_seconds',
  type: 'histogram',
  help: 'Time.',
  labels: ['a'],
  buckets: [0.1, 1],
} as const;
const size = { name: 'x_size', type: 'gauge', help: 'Size.', labels: [] } as const;

function render(format: 'prometheus' | 'openmetrics'): string {
  const registry = new Registry();
  registry.counter(requests)('/').add(2);
  const histogram = registry.histogram(seconds)('b');
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
  const none = { metric: { ...size, name: 'x_none' }, values: new Map() };
  const readings = [{ metric: size, values: new Map([['', 1.5]]) }, none];
  return [...renderMetrics(registry.families, readings, format)].join('');
}

const samples = `x_requests_total{path="/"} 2
# HELP x_seconds Time.
# TYPE x_seconds histogram
x_seconds_bucket{a="b",le="0.1"} 2
x_seconds_bucket{a="b",le="1.0"} 3
x_seconds_bucket{a="b",le="+Inf"} 4
x_seconds_sum{a="b"} 7.65
x_seconds_count{a="b"} 4
# HELP x_size Size.
# TYPE x_size gauge
x_size 1.5
`;

test('metrics are rendered in Prometheus’ text format', () => {
  const head = '# HELP x_requests_total Requests.\n# TYPE x_requests_total counter\n';
  expect(render('prometheus')).toBe(head + samples);
});

test('metrics are rendered in OpenMetrics, with its end', () => {
  const head = '# HELP x_requests Requests.\n# TYPE x_requests counter\n';
  expect(render('openmetrics')).toBe(`${head}${samples}# EOF\n`);
});

test('many series come in pieces, whose lines are whole and as they would be in one', () => {
  const registry = new Registry();
  const counter = registry.counter(requests);
  for (let place = 0; place < 2000; place++) counter(`/${place}`).add(place + 1);
  const pieces = [...renderMetrics(registry.families, [], 'openmetrics')];
  expect(pieces.length).toBeGreaterThan(2);
  for (const piece of pieces) expect(piece.length).toBeLessThan(20_000);
  for (const piece of pieces) expect(piece.endsWith('\n')).toBe(true);
  const lines = pieces.join('').split('\n');
  expect(lines.slice(2, -2)).toEqual(
    Array.from({ length: 2000 }, (_, place) => `x_requests_total{path="/${place}"} ${place + 1}`),
  );
});

test('whatever a label’s value is, it stays a label’s value', () => {
  expect(renderLabels(['a', 'b'], ['x"} 1\ny', 'c\\'])).toBe('a="x\\"} 1\\ny",b="c\\\\"');
});

test('a series is made once, and no more than there may be', () => {
  const registry = new Registry(2);
  const counter = registry.counter(requests);
  expect(counter('/a')).toBe(counter('/a'));
  counter('/b');
  counter('/c').add(1);
  counter('/d').add(1);
  expect(registry.dropped).toBe(2);
  expect([...(registry.families[0]?.series.keys() ?? [])]).toEqual(['path="/a"', 'path="/b"']);
});
