import * as units from '@grafana/grafana-foundation-sdk/units';
import { percentileColours } from '../colours.ts';
import { graph } from '../panels.ts';
import { greatest, quantile } from '../queries.ts';
import type { Row } from './row.ts';

const OVERHEAD = 'spillway_overhead_seconds';

export const overhead: Row = {
  title: 'What does the gateway itself add?',
  panels: [
    graph({
      title: 'Time that the gateway adds',
      description:
        'Per request, without the time of backends and of waiting for quota. Usually below a millisecond.',
      width: 'half',
      unit: units.Seconds,
      queries: { p50: quantile(0.5, OVERHEAD), p95: quantile(0.95, OVERHEAD), p99: quantile(0.99, OVERHEAD) },
      colours: percentileColours,
    }),
    graph({
      title: 'Delay of the event loop',
      description:
        'How late timers were in the last minute. Above 50 ms the process has too little CPU, or does too much at once.',
      width: 'half',
      unit: units.Seconds,
      queries: {
        '{{instance}} p99': greatest('spillway_event_loop_delay_p99_seconds', 'instance'),
        '{{instance}} max': greatest('spillway_event_loop_delay_max_seconds', 'instance'),
      },
    }),
  ],
};
