import * as units from '@grafana/grafana-foundation-sdk/units';
import { causeColours, outcomeColours } from '../colours.ts';
import { graph } from '../panels.ts';
import { sumRate } from '../queries.ts';
import type { Row } from './row.ts';

export const traffic: Row = {
  title: 'Where does the traffic go, and why does it spill?',
  panels: [
    graph({
      title: 'Requests by backend',
      description: 'The backends that served requests. “none” are requests that no backend served.',
      width: 'whole',
      unit: units.RequestsPerSecond,
      queries: { '{{backend}}': sumRate('spillway_requests_total', 'backend') },
      isStacked: true,
    }),
    graph({
      title: 'Spilled, by the cause',
      description:
        'Requests that another priority group served, by why the first did not: throttled (429), full (no quota left for the request), utilization (spillAt is reached), failing, slow, declined, or draining.',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: { '{{cause}}': sumRate('spillway_spills_total', 'cause') },
      isStacked: true,
      colours: causeColours,
    }),
    graph({
      title: 'Spilled, from where to where',
      description: 'Requests that another priority group served than the first, by both priorities.',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: {
        'priority {{from_priority}} → {{to_priority}}': sumRate(
          'spillway_spills_total',
          'from_priority, to_priority',
        ),
      },
      isStacked: true,
    }),
    graph({
      title: 'Served by a fallback',
      description:
        'Requests that another deployment served than the one that they asked for, by that one and why: quota (no backend has any left), budget (the client has spent its own), or too-long (the prompt).',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: { '{{deployment}}, {{cause}}': sumRate('spillway_fallbacks_total', 'deployment, cause') },
      isStacked: true,
    }),
    graph({
      title: 'Attempts by their outcome',
      description:
        'Attempts at backends. Beyond one for each request they are retries, spills and hedges, which clients do not see.',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: { '{{outcome}}': sumRate('spillway_attempts_total', 'outcome') },
      isStacked: true,
      colours: outcomeColours,
    }),
  ],
};
