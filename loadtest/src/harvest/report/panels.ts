import { attemptsPerSuccess, perThousand, servedShare, type HarvestRow } from './harvest-row.ts';

/** One figure of all runs, as plotted. */
export interface Panel {
  readonly title: string;
  readonly yTitle: string;
  readonly valueOf: (row: HarvestRow) => number;
}

/** The plotted figures, in the terminal, the report and the SVG. */
export const panels: readonly Panel[] = [
  {
    title: 'Tokens served, % of what the quotas allowed',
    yTitle: '%',
    valueOf: ({ figures }) => servedShare(figures) * 100,
  },
  {
    title: 'Backend 429s per 1,000 client requests',
    yTitle: '429s',
    valueOf: ({ figures }) => perThousand(figures.backendRefusals, figures),
  },
  {
    title: 'Client 429s per 1,000 requests',
    yTitle: '429s',
    valueOf: ({ figures }) => perThousand(figures.refused, figures),
  },
  {
    title: 'Avoidable client 429s per 1,000 requests',
    yTitle: '429s',
    valueOf: ({ figures }) => perThousand(figures.avoidable.knowably, figures),
  },
  {
    title: 'Attempts per success',
    yTitle: 'attempts',
    valueOf: ({ figures }) => attemptsPerSuccess(figures),
  },
  {
    title: 'Latency added to the backend’s own, p99',
    yTitle: 'ms',
    valueOf: ({ figures }) => figures.added.p99Ms,
  },
];
