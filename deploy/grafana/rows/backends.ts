import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph, timeline } from '../panels.ts';
import { quantile, secondsUntil, series, sumRate, worstState } from '../queries.ts';
import type { Row } from './row.ts';

const STATES =
  'throttled: it refused for lack of quota; cooling: it failed; full: its quota is spent; probing: it recovers. Of several gateways, the worst that one of them sees.';

export const backends: Row = {
  title: 'Which backend, why, and until when?',
  panels: [
    timeline({
      title: 'State of each backend',
      description: `The best that a backend can do for any of its deployments. ${STATES}`,
      width: 'half',
      query: worstState('spillway_backend_state', 'backend'),
      name: '{{backend}}',
    }),
    timeline({
      title: 'State of each deployment',
      description: `Deployments as their backends call them. ${STATES}`,
      width: 'half',
      query: worstState('spillway_deployment_state', 'backend, deployment'),
      name: '{{backend}} {{deployment}}',
    }),
    graph({
      title: 'Time left of cooldowns',
      description:
        'How long a backend, or one of its deployments, still gets no requests. 0: it is not in a cooldown.',
      width: 'third',
      unit: units.Seconds,
      queries: {
        '{{backend}}': secondsUntil('spillway_backend_cooldown_end_timestamp_seconds', 'backend'),
        '{{backend}} {{deployment}}': secondsUntil(
          'spillway_deployment_cooldown_end_timestamp_seconds',
          'backend, deployment',
        ),
      },
    }),
    graph({
      title: 'Attempts that did not succeed',
      description:
        'By backend and outcome: throttled (429), unavailable (5xx and the like), unreachable (no answer), rejected (the request itself is at fault), declined (another backend may do it), not-found, aborted.',
      width: 'third',
      unit: units.RequestsPerSecond,
      queries: {
        '{{backend}} {{outcome}}': sumRate(
          'spillway_attempts_total',
          'backend, outcome',
          'outcome!="succeeded"',
        ),
      },
    }),
    graph({
      title: 'Credentials that failed',
      description:
        'Attempts that failed because a backend refused the gateway’s key, token or address (refused), or what they may be used for (forbidden), or because there was no token to send (missing).',
      width: 'third',
      unit: units.RequestsPerSecond,
      queries: { '{{backend}} {{cause}}': sumRate('spillway_credential_failures_total', 'backend, cause') },
    }),
    graph({
      title: 'Time to a backend’s answer, p95',
      description: 'From the start of an attempt to the head of its answer, of attempts that succeeded.',
      width: 'half',
      unit: units.Seconds,
      queries: { '{{backend}}': quantile(0.95, 'spillway_attempt_duration_seconds', 'backend') },
    }),
    graph({
      title: 'Under way at each backend',
      description: 'Attempts under way, streams and sessions included.',
      width: 'half',
      unit: units.Short,
      queries: { '{{backend}}': `sum by (backend) (${series('spillway_backend_in_flight')})` },
      isStacked: true,
    }),
  ],
};
