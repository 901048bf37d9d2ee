import type { Metric } from './metric.ts';
import { requestMetrics } from './request-metric-list.ts';
import { stateMetrics } from './state-metric-list.ts';

/** Returns the page of all metrics as Markdown. */
export function renderMetricsPage(): string {
  return [
    '# Metrics',
    '',
    'Generated from `apps/gateway/src/telemetry/metrics`; do not edit. `pnpm exec vitest run metrics --update` rewrites it.',
    '',
    'The [listener for operators](operations.md#the-listener-for-operators) serves them at `/metrics`: in Prometheus’ text format, or in',
    'OpenMetrics if the request asks for that. With `admin.token`, scrapers must send it as a bearer token:',
    '',
    '```yaml',
    'scrape_configs:',
    '  - job_name: spillway',
    '    authorization: { credentials_file: /etc/prometheus/spillway-token }',
    "    static_configs: [{ targets: ['127.0.0.1:8090'] }]",
    '```',
    '',
    'Names and labels are a contract: the [changelog](../CHANGELOG.md) says if one is renamed. [Rules and a',
    'dashboard](operations.md#prometheus-and-grafana) are in `deploy`. Every series that the configuration allows is there from the',
    'start, at zero. Nothing that clients send can make a series:',
    '',
    '- `deployment` is a name of the configuration, or one of the first 50 names that a backend has served; any other is `other`, and',
    '  none is `none`. A name is the same in any letter case. Name deployments in `deployments` or `quotas` to have their series from',
    '  the start.',
    '- `client` is a name of the configuration. `deployments`, of a budget, are the names that it covers, with commas between them,',
    '  or `all`.',
    '- `backend` is a name of the configuration, or `none` where no backend served.',
    '- `status` is `2xx`, `3xx`, `4xx` (but 429 and 499), `429`, `499` (the client left before its response began) or `5xx`.',
    '- There are at most 10,000 counted series; `spillway_dropped_series_total` counts those beyond, which are series of a single',
    '  deployment at a single backend, and those of the [conventions](opentelemetry.md#metrics) beyond their own bound. States and',
    '  limits are read of at most 1,400 deployments at backends; where the configuration has more, of those that have had requests.',
    '',
    'Requests, streams and sessions are counted when they end. Each process counts its own: a scrape',
    'through a balancer reaches one replica only. Where replicas cannot be scraped one by one, let each',
    '[send its metrics](opentelemetry.md#metrics).',
    '',
    '## Counted from requests',
    '',
    ...renderTable(Object.values(requestMetrics)),
    '',
    '## Read from the state',
    '',
    ...renderTable(Object.values(stateMetrics)),
    '',
  ].join('\n');
}

function renderTable(metrics: readonly Metric[]): string[] {
  return [
    '| metric | type | labels | what it says |',
    '| --- | --- | --- | --- |',
    ...metrics.map(({ name, type, labels, help, buckets }) => {
      const shown = type === 'counter' ? `${name}_total` : name;
      const names = labels.map((label) => `\`${label}\``).join(', ');
      const bounds = buckets === undefined ? '' : ` Buckets: ${buckets.join(', ')}.`;
      return `| \`${shown}\` | ${type} | ${names} | ${help}${bounds} |`;
    }),
  ];
}
