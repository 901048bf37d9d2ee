import * as units from '@grafana/grafana-foundation-sdk/units';
import { graph } from '../panels.ts';
import { series, sumRate } from '../queries.ts';
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
      description:
        'By what was wrong with the credential; issuer-unavailable if nobody could say. Operators count with wrong tokens only.',
      width: 'third',
      unit: units.RequestsPerSecond,
      queries: {
        '{{reason}}': sumRate('spillway_authentication_failures_total', 'reason'),
        'operators: a wrong token': sumRate('spillway_admin_authentication_failures_total'),
      },
    }),
    graph({
      title: 'Budgets in use',
      description:
        'Of each limit of each client’s budgets, the share in use, with what is set aside for requests under way. At 1 it is spent. Empty without budgets.',
      width: 'half',
      unit: units.PercentUnit,
      queries: {
        '{{client}} {{deployments}} {{limit}}': `max by (client, deployments, limit) (${series('spillway_client_budget_used')} / ${series('spillway_client_budget_limit')})`,
      },
    }),
    graph({
      title: 'Clients over their budgets',
      description:
        'Requests that a client’s own budgets did not admit, whatever room backends have. 429: of a minute, or too many at once. 4xx (403): of a day or a month.',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: {
        '{{client}} {{status}}': sumRate('spillway_client_budget_refusals_total', 'client, status'),
      },
      isStacked: true,
    }),
  ],
};
