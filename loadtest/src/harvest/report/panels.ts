import { perThousand, servedShare, type HarvestRow } from './harvest-row.ts';

/** One figure of all runs, as it is plotted. */
export interface Panel {
  readonly title: string;
  readonly valueOf: (row: HarvestRow) => number;
}

/** What is plotted, in the terminal and in the SVG. */
export const panels: readonly Panel[] = [
  {
    title: 'tokens served, % of what the quotas allowed',
    valueOf: ({ figures }) => servedShare(figures) * 100,
  },
  {
    title: 'backend 429s per 1,000 client requests',
    valueOf: ({ figures }) => perThousand(figures.backendRefusals, figures),
  },
  {
    title: 'client 429s per 1,000 requests',
    valueOf: ({ figures }) => perThousand(figures.refused, figures),
  },
  {
    title: 'avoidable client 429s per 1,000 requests',
    valueOf: ({ figures }) => perThousand(figures.avoidable.knowably, figures),
  },
];
