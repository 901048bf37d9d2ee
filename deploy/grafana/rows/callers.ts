import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph } from '../panels.ts';
import { sumRate } from '../queries.ts';
import type { Row } from './row.ts';

export const callers: Row = {
  title: 'Who calls, and what do they use?',
  panels: [
    graph({
      title: 'Requests by client',
      description: 'Of the clients in the configuration. Empty where nobody is asked who they are.',
      width: 'third',
      unit: units.RequestsPerSecond,
      queries: { '{{client}}': sumRate('spillway_client_requests_total', 'client') },
      isStacked: true,
    }),
    graph({
      title: 'Tokens by client',
      description: 'What answers have taken, prompts and completions.',
      width: 'third',
      unit: units.Short,
      queries: {
        '{{client}}': sumRate('spillway_client_tokens_total', 'client', 'kind=~"prompt|completion"'),
      },
      isStacked: true,
    }),
    graph({
      title: 'Callers who were not let in',
      description: 'By what was wrong with the credential; issuer-unavailable if nobody could say.',
      width: 'third',
      unit: units.RequestsPerSecond,
      queries: { '{{reason}}': sumRate('spillway_authentication_failures_total', 'reason') },
    }),
  ],
};
