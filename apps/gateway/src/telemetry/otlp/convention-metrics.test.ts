import { expect, test } from 'vitest';
import type { Exchange } from '../exchange.ts';
import { DeploymentNames } from '../metrics/deployment-names.ts';
import { ConventionMetrics } from './convention-metrics.ts';

const WORDS =
  'batches calls cancel chat files images items jobs messages models runs sessions steps threads'.split(' ');

function record(metrics: ConventionMetrics, different: Partial<Exchange>): void {
  const exchange = {
    method: 'GET',
    operation: 'files',
    clientStatus: 404,
    startedMs: 0,
    endedMs: 1,
    attempts: [],
  };
  metrics.record({ ...exchange, ...different } as unknown as Exchange);
}

function requestSeries(metrics: ConventionMetrics): string[] {
  const family = metrics.families.find(({ metric }) => metric.name === 'http.server.request.duration');
  return [...(family?.series.keys() ?? [])];
}

test('whatever words clients put together, and whatever methods they make up, make a series only where there is such an operation', () => {
  const metrics = new ConventionMetrics(new DeploymentNames([]));
  for (const first of WORDS)
    for (const second of WORDS)
      for (const third of WORDS)
        record(metrics, { method: first.toUpperCase(), operation: `${first}/${second}/${third}/${first}` });
  expect(requestSeries(metrics)).toEqual([
    'http.request.method="_OTHER",http.route="/other",http.response.status_code="404",error.type=""',
    'http.request.method="_OTHER",http.route="/threads/{id}/messages/{id}",http.response.status_code="404",error.type=""',
    'http.request.method="_OTHER",http.route="/threads/{id}/runs/{id}",http.response.status_code="404",error.type=""',
  ]);
  record(metrics, { operation: 'responses/resp_1/cancel', method: 'POST', clientStatus: 200 });
  expect(requestSeries(metrics)[3]).toBe(
    'http.request.method="POST",http.route="/responses/{id}/cancel",http.response.status_code="200",error.type=""',
  );
  expect(metrics.dropped).toBe(0);
});

test('series that are too many are counted', () => {
  const metrics = new ConventionMetrics(new DeploymentNames([]));
  for (let status = 0; status < 10_003; status++) record(metrics, { clientStatus: status });
  expect(metrics.dropped).toBeGreaterThanOrEqual(3);
});
