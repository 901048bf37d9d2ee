import {
  type Answer,
  type ClientCount,
  countUnproven,
  describeShortage,
  describeUnproven,
  figuresOf,
  findShortages,
  meanOf,
  type Outcome,
  splitQuotas,
} from '@spillway/gateway/what-if';
import type { Chart, Series } from '../report/plot/chart.ts';
import { colours } from '../report/plot/colours.ts';
import type { Report, ReportRun } from '../report/report.ts';
import type { Verdict } from '../report/verdict.ts';

/** More columns than this would be thinner than a pixel. */
const MAX_COLUMNS = 300;
const MINUTE_MS = 60_000;

/** Returns the page of a replay: a run for each configuration. */
export function reportAnswers({ answers, assumptions, startMs }: Outcome): Report {
  return {
    version: 1,
    kind: 'what-if',
    title: `What if: ${answers.map(({ name }) => name).join(' or ')}`,
    madeAt: `requests from ${new Date(startMs).toISOString()}`,
    notes: assumptions,
    charts: [],
    runs: answers.map((answer) => reportAnswer(answer, startMs)),
  };
}

function reportAnswer(answer: Answer, startMs: number): ReportRun {
  const shortages = findShortages(answer.findings.byMinute);
  const { refused, requests } = answer.findings.total;
  const longest = shortages.toSorted((one, other) => other.refused - one.refused)[0];
  const found = `${refused.toLocaleString('en')} of ${requests.toLocaleString('en')} requests did`;
  return {
    name: answer.name,
    shows: `${answer.findings.backends.size} backends`,
    figures: figuresOf(answer),
    verdicts: [
      {
        claim: 'no client gets a 429',
        isMet: refused === 0,
        found,
        why: longest && `most of them from ${describeShortage(longest, startMs)}`,
      },
      judgeUnproven(answer),
    ],
    charts: [chartClients(answer), chartQuotas(answer)],
  };
}

/** Requests for a deployment that no backend is known to have are replayed as if all had it. */
function judgeUnproven({ unproven, findings }: Answer): Verdict {
  const [first, ...others] = unproven;
  const total = findings.total.requests.toLocaleString('en');
  const more = others.length === 0 ? '' : `, and ${others.length} other deployments`;
  return {
    claim: 'every deployment that is asked for is known at a backend',
    isMet: first === undefined,
    found: `${countUnproven(unproven).toLocaleString('en')} of ${total} requests are for others`,
    why: first && `${describeUnproven(first)}${more}; if no backend has them, clients get a 404`,
  };
}

function chartClients({ findings: { byMinute } }: Answer): Chart {
  const perColumn = Math.ceil(byMinute.length / MAX_COLUMNS);
  const series = (
    [
      { name: 'served', colour: colours.served, count: ({ served }: ClientCount) => served },
      { name: '429', colour: colours.throttled, count: ({ refused }: ClientCount) => refused },
      { name: 'other', colour: colours.failed, count: ({ failed }: ClientCount) => failed },
    ] as const
  ).map(({ name, colour, count }): Series => ({
    name,
    colour,
    points: columnsOf(byMinute, perColumn, count),
  }));
  return {
    title: 'What clients get',
    says: 'Requests a minute, by the minute in which they came.',
    xTitle: 'minutes',
    yTitle: 'requests/min',
    kind: 'stacked',
    rows: [{ series: series.filter(({ points }) => points.some(([, rate]) => rate > 0)) }],
  };
}

function columnsOf(
  byMinute: readonly ClientCount[],
  perColumn: number,
  count: (minute: ClientCount) => number,
): Series['points'] {
  return Array.from({ length: Math.ceil(byMinute.length / perColumn) }, (_, column) => {
    const minutes = byMinute.slice(column * perColumn, (column + 1) * perColumn);
    return [column * perColumn, meanOf(minutes.map(count))] as const;
  });
}

function chartQuotas({ findings, quotas }: Answer): Chart {
  const { shown, others } = splitQuotas(quotas);
  const rows = shown
    .filter(({ tpm, rpm }) => Number.isFinite(tpm) || Number.isFinite(rpm))
    .map(({ name, isProvisioned }) => {
      const shares = findings.uses.get(name)?.shares ?? [];
      const perColumn = Math.ceil(shares.length / MAX_COLUMNS);
      const points = Array.from({ length: Math.ceil(shares.length / perColumn) }, (_, column) => {
        const share = meanOf(shares.slice(column * perColumn, (column + 1) * perColumn));
        return [(column * perColumn * findings.sampleMs) / MINUTE_MS, Math.round(share * 1000) / 10] as const;
      });
      const label = `${name}${isProvisioned ? ' (PTU)' : ''}`;
      return { label, series: [{ name: 'in use', colour: colours.attempts, points }] };
    });
  const more = others.length === 0 ? '' : ` ${others.length} others, for the fewest requests, are left out.`;
  return {
    title: 'Quota in use',
    says: `Of each quota that has a limit, in percent; at 100 % the next request finds no room.${more}`,
    xTitle: 'minutes',
    yTitle: '%',
    kind: 'lines',
    rows,
  };
}
