import type { Verdict } from '../../report/verdict.ts';
import { attemptsPerSuccess, nameOf, perThousand, servedShare, type HarvestRow } from './harvest-row.ts';

interface Target {
  readonly claim: string;
  readonly applies: (row: HarvestRow) => boolean;
  readonly isMet: (row: HarvestRow) => boolean;
  readonly found: (row: HarvestRow) => string;
}

const isSpillway = ({ contestant }: HarvestRow) => contestant === 'spillway';
const isOurs = (row: HarvestRow) => isSpillway(row) || row.contestant === 'waiting-room';
const isAtTwice = (row: HarvestRow) => isSpillway(row) && row.load === 2;

/** The targets of Spillway's runs. */
const targets: readonly Target[] = [
  {
    claim: 'every request gets a good answer or a 429',
    applies: isOurs,
    isMet: ({ figures }) => figures.failed === 0,
    found: ({ figures }) => `${figures.failed} others`,
  },
  {
    claim: "at least 98.5 % of the quotas' tokens are served",
    applies: isAtTwice,
    isMet: ({ figures }) => servedShare(figures) >= 0.985,
    found: ({ figures }) => `${(servedShare(figures) * 100).toFixed(2)} %`,
  },
  {
    claim: 'at most 5 backend 429s per 1,000 requests',
    applies: isAtTwice,
    isMet: ({ figures }) => perThousand(figures.backendRefusals, figures) <= 5,
    found: ({ figures }) => perThousand(figures.backendRefusals, figures).toFixed(1),
  },
  {
    claim: 'at most 1.01 attempts per success',
    applies: isAtTwice,
    isMet: ({ figures }) => attemptsPerSuccess(figures) <= 1.01,
    found: ({ figures }) => attemptsPerSuccess(figures).toFixed(3),
  },
  {
    claim: 'no client 429 is avoidable',
    applies: isOurs,
    isMet: ({ figures }) => figures.avoidable.knowably === 0,
    found: ({ figures }) => `${figures.avoidable.knowably} of ${figures.refused}`,
  },
  {
    claim: 'returned quota is used within 250 ms (p99)',
    applies: (row) => isOurs(row) && row.figures.late.count > 0,
    isMet: ({ figures }) => figures.late.p99Ms <= 250,
    found: ({ figures }) => `${figures.late.p99Ms.toFixed(1)} ms`,
  },
  {
    claim: 'no client gets a 429',
    applies: ({ contestant, load }) => contestant === 'waiting-room' && load <= 0.9,
    isMet: ({ figures }) => figures.refused === 0,
    found: ({ figures }) => `${figures.refused} of ${figures.requests}`,
  },
];

/** Judges every run with a target; references are only shown. */
export function judgeTargets(rows: readonly HarvestRow[]): Verdict[] {
  return rows.flatMap((row) =>
    targets
      .filter(({ applies }) => applies(row))
      .map(({ claim, isMet, found }) => ({
        claim: `${nameOf(row)}: ${claim}`,
        isMet: isMet(row),
        found: found(row),
      })),
  );
}
