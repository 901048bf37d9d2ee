import * as units from '@grafana/grafana-foundation-sdk/units';
import { percentileColours } from '../colours.ts';
import { graph } from '../panels.ts';
import { greatest, least, quantile, series } from '../queries.ts';
import type { Row } from './row.ts';

const AT = 'backend, deployment';
const NAME = '{{backend}} {{deployment}}';

export const room: Row = {
  title: 'How much room is left?',
  panels: [
    graph({
      title: 'Quota left',
      description:
        'The share of its quota that is left of each deployment, of tokens or requests, whichever is less. At 0 it is full, and requests spill.',
      width: 'half',
      unit: units.PercentUnit,
      queries: { [NAME]: least('spillway_headroom_ratio', AT) },
      max: 1,
    }),
    graph({
      title: 'Provisioned throughput in use',
      description:
        'Of deployments with provisioned throughput (PTU), the share in use, as they tell it. Empty without any.',
      width: 'half',
      unit: units.PercentUnit,
      queries: { [NAME]: greatest('spillway_utilization_ratio', AT) },
    }),
    graph({
      title: 'Tokens left of this minute',
      description: 'As the gateway estimates it, beside the limit on tokens per minute.',
      width: 'half',
      unit: units.Short,
      queries: {
        [NAME]: least('spillway_remaining_tokens', AT),
        [`${NAME} limit`]: greatest('spillway_limit_tokens', AT),
      },
    }),
    graph({
      title: 'Requests left',
      description:
        'As the gateway estimates it, beside the limit on requests, per minute or 10 seconds, as the backend tells it.',
      width: 'half',
      unit: units.Short,
      queries: {
        [NAME]: least('spillway_remaining_requests', AT),
        [`${NAME} limit`]: greatest('spillway_limit_requests', AT),
      },
    }),
    graph({
      title: 'Requests that wait for quota',
      description: 'By priority class. Empty without a waiting room.',
      width: 'third',
      unit: units.Short,
      queries: { '{{class}}': `sum by (class) (${series('spillway_waiting_requests')})` },
      isStacked: true,
    }),
    graph({
      title: 'How long requests waited for quota',
      description: 'Of requests that did wait.',
      width: 'third',
      unit: units.Seconds,
      queries: {
        p50: quantile(0.5, 'spillway_quota_wait_seconds'),
        p95: quantile(0.95, 'spillway_quota_wait_seconds'),
      },
      colours: percentileColours,
    }),
    graph({
      title: 'Retries left',
      description:
        'Retries and hedges that may be made now. At 0 failures are not retried, so that an outage does not double the load.',
      width: 'third',
      unit: units.Short,
      queries: { '{{instance}}': least('spillway_retry_budget_remaining', 'instance') },
    }),
  ],
};
