import * as units from '@grafana/grafana-foundation-sdk/units';
import { percentileColours, statusColours } from '../colours.ts';
import { figure, graph } from '../panels.ts';
import { quantile, series, shareOf, sumRate } from '../queries.ts';
import type { Row } from './row.ts';

const requests = sumRate('spillway_requests_total');
const refused = sumRate('spillway_requests_total', '', 'status=~"429|5xx"');
/** Clients without budgets have no series. */
const byBudget = `(${sumRate('spillway_client_budget_refusals_total', '', 'status="429"')} or 0 * ${requests})`;
/** Gateways of older versions have no such series. */
const byGuessing = `(${sumRate('spillway_throttled_authentication_failures_total')} or 0 * ${requests})`;
/** Scanners try out transfer codings that no client sends. */
const byScanning = `(${sumRate('spillway_refusals_total', '', 'status="501"')} or 0 * ${requests})`;
/** Without those that nobody known has sent. */
const ofClients = `${requests} - (${sumRate('spillway_authentication_failures_total', '', 'reason!="issuer-unavailable"')} or 0 * ${requests})`;
const interrupted = sumRate('spillway_broken_responses_total', '', 'ending="interrupted"');

export const clients: Row = {
  title: 'Are clients hurt, and since when?',
  panels: [
    figure({
      title: 'Requests that failed',
      description:
        'Of all requests of clients, the share that they saw fail: 429, 5xx, or a response that broke off. Mistakes of clients (other 4xx) do not count, nor 429s for a client’s own budget, or after too many failed authentications, nor 501 for an unknown transfer coding.',
      width: 'sixth',
      unit: units.PercentUnit,
      query: shareOf(
        `${refused} - ${byBudget} - ${byGuessing} - ${byScanning} + ${interrupted}`,
        `(${ofClients})`,
      ),
      limits: [0.01, 0.05],
    }),
    figure({
      title: 'Requests',
      description: 'Requests and sessions that ended, per second.',
      width: 'sixth',
      unit: units.RequestsPerSecond,
      query: requests,
    }),
    figure({
      title: 'Spilled',
      description:
        'Of all requests, the share that another priority group served than the first. Clients do not notice.',
      width: 'sixth',
      unit: units.PercentUnit,
      query: shareOf(sumRate('spillway_spills_total'), requests),
      limits: [0.1, 0.5],
    }),
    figure({
      title: 'Backends that take requests',
      description:
        'Backends that are available or recovering, as the gateway sees it that knows of the fewest.',
      width: 'sixth',
      unit: units.Short,
      query: `min(sum by (job, instance) (${series('spillway_backend_state', 'state=~"available|probing"')}))`,
    }),
    figure({
      title: 'Waiting for quota',
      description: 'Requests that wait now. Always 0 without a waiting room.',
      width: 'sixth',
      unit: units.Short,
      query: `sum(${series('spillway_waiting_requests')}) or sum(0 * ${series('spillway_in_flight_requests')})`,
    }),
    figure({
      title: 'First byte, p95',
      description:
        'Of 95 in 100 requests that a backend served, the time to the first byte was at most this.',
      width: 'sixth',
      unit: units.Seconds,
      query: quantile(0.95, 'spillway_time_to_first_byte_seconds'),
    }),
    graph({
      title: 'What clients saw',
      description:
        'Requests by the status that clients saw. 429: no quota was left anywhere, the client has spent its own budget, or too many authentications failed. 5xx: no backend could serve. 499: the client left first.',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: { '{{status}}': sumRate('spillway_requests_total', 'status') },
      isStacked: true,
      colours: statusColours,
    }),
    graph({
      title: 'Why no backend served',
      description:
        'Requests that no backend served, by the cause; answers that the gateway gave without asking any backend, by their status; and responses that ended too early.',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: {
        'no backend: {{cause}}': sumRate('spillway_exhausted_total', 'cause'),
        'refused with {{status}}': sumRate('spillway_refusals_total', 'status'),
        'response {{ending}}': sumRate('spillway_broken_responses_total', 'ending'),
      },
    }),
    graph({
      title: 'Time to the first byte',
      description:
        'From the beginning of a request to the beginning of its response, of requests that a backend served.',
      width: 'half',
      unit: units.Seconds,
      queries: percentiles('spillway_time_to_first_byte_seconds'),
      colours: percentileColours,
    }),
    graph({
      title: 'Time to the end of the response',
      description:
        'From the beginning of a request to the end of its response; of streams and sessions this is how long they last.',
      width: 'half',
      unit: units.Seconds,
      queries: percentiles('spillway_request_duration_seconds'),
      colours: percentileColours,
    }),
  ],
};

function percentiles(histogram: string): Record<string, string> {
  return { p50: quantile(0.5, histogram), p95: quantile(0.95, histogram), p99: quantile(0.99, histogram) };
}
