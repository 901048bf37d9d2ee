import type { UsualUse } from '../calls/make-calls.ts';
import type { LoggedRequest } from '../log/logged-request.ts';
import type { LogContents } from '../log/read-log.ts';
import { limitOf, type Quotas, splitQuotas } from '../quotas/find-quotas.ts';
import type { QuotaTruth } from '../quotas/quota-truth.ts';
import type { Answer } from './answers.ts';

const ALWAYS = [
  'backends are healthy, and answer as fast as they did in the log; a request that was not served then takes the median of its deployment',
  'backends charge what the gateway estimated, give pay-as-you-go tokens back a minute later, and report what is left; hedges, sessions kept together, and the budgets, tags and fallbacks of clients are not replayed',
  'clients send the same requests as in the log, and do not retry after a 429 that they did not get then',
];

/** The content of a log, and the number of requests created from it. */
interface ReplayedLog extends LogContents {
  readonly replayed: number;
}

/** Returns the assumptions of a replay, one sentence each. */
export function describeAssumptions(
  { requests, replayed, lostLines, leftOut }: ReplayedLog,
  answers: readonly Answer[],
  usualUse: UsualUse,
): string[] {
  return [
    ...ALWAYS,
    ...describeAllQuotas(answers),
    ...describeUse(answers, usualUse),
    ...describeSample(requests, replayed),
    ...describeGuesses(requests),
    ...describeFallbacks(requests),
    ...[...leftOut].map(([reason, count]) => `left out: ${countOf(count, 'request')} ${reason}`),
    ...(lostLines > 0 ? [`the gateway lost ${countOf(lostLines, 'line')} of this log`] : []),
  ];
}

/** An assumption that all configurations share is stated once. */
function describeAllQuotas(answers: readonly Answer[]): string[] {
  const described = answers.map(({ name, quotas }) => ({ name, lines: describeQuotas(quotas) }));
  const common = (described[0]?.lines ?? []).filter((line) =>
    described.every(({ lines }) => lines.includes(line)),
  );
  const own = described.flatMap(({ name, lines }) =>
    lines.filter((line) => !common.includes(line)).map((line) => `${name}: ${line}`),
  );
  return [...common, ...own];
}

function describeQuotas(quotas: Quotas): string[] {
  const { shown, others } = splitQuotas(quotas);
  const unlimited = others.filter(({ tpm }) => !Number.isFinite(tpm)).length;
  return [
    ...shown.map((quota) => `${quota.name}: ${describeLimit(quota)}`),
    ...(others.length > 0
      ? [
          `${countOf(others.length, 'other quota')}: ${whole(limitOf(others))} tokens a minute together, and no limit for ${whole(unlimited)} of them`,
        ]
      : []),
  ];
}

function describeLimit({ tpm, rpm, isProvisioned, source }: QuotaTruth): string {
  const requests = Number.isFinite(rpm) ? ` and ${whole(rpm)} requests` : '';
  const tokens = Number.isFinite(tpm)
    ? `${whole(tpm)} tokens${requests} a minute`
    : `no limit${requests && ` but${requests.slice(4)} a minute`}`;
  const kind = isProvisioned ? ' of provisioned throughput' : '';
  switch (source) {
    case 'stated':
      return `${tokens}${kind}, as the file says`;
    case 'given':
      return `${tokens}${kind}, as --quota says`;
    case 'learned':
      return `${tokens}${kind}, the most it served in any minute of the log, as quota ran out in it; say \`tpm\` if you know better`;
    case 'unlimited':
      return `${tokens}${kind}, as the log never shows it full; say \`tpm\` if you know better`;
  }
}

function describeUse(answers: readonly Answer[], { outputShare, cachedShare }: UsualUse): string[] {
  const hasProvisioned = answers.some(({ quotas }) =>
    [...quotas.values()].some(({ isProvisioned }) => isProvisioned),
  );
  if (!hasProvisioned) return [];
  return [
    'provisioned throughput is charged an answer’s tokens like a prompt’s, and nothing for those of a prompt that were cached in the log',
    `where the log does not say what an answer used, it is ${inPercent(outputShare)} of the longest that its request allows, and ${inPercent(cachedShare)} of its prompt was cached`,
  ];
}

function inPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A log of `logSuccesses: 0` has no successes to weigh. */
function describeSample(requests: readonly LoggedRequest[], replayed: number): string[] {
  const sampled = requests.filter(({ share }) => share < 1).length;
  if (sampled > 0)
    return [
      `${countOf(sampled, 'line')} stand for those that \`logSuccesses\` has left out: ${countOf(replayed - requests.length, 'request')} like them are sent in between, evenly`,
    ];
  return requests.some(({ isPlain }) => isPlain)
    ? []
    : [
        'WARNING: the log has no plain success; if `logSuccesses` is 0, it has left them all out, and the result is far too optimistic',
      ];
}

function describeGuesses(requests: readonly LoggedRequest[]): string[] {
  const guessed = requests.filter(({ isGuessed }) => isGuessed).length;
  const unknown = requests.filter(({ estimate }) => estimate === undefined).length;
  return [
    ...(guessed > 0
      ? [`${countOf(guessed, 'line')} without an \`estimate\`: a token for each four bytes of the request`]
      : []),
    ...(unknown > 0
      ? [`${countOf(unknown, 'request')} without text: counted as requests, of no tokens`]
      : []),
  ];
}

/** What a fallback took is demand for another deployment than the one that clients wanted. */
function describeFallbacks(requests: readonly LoggedRequest[]): string[] {
  const fallen = requests.filter(({ fallbackFrom }) => fallbackFrom !== undefined).length;
  return fallen > 0
    ? [`${countOf(fallen, 'request')} that a fallback served: replayed for the deployment that served`]
    : [];
}

/** Returns a number with its noun. */
export function countOf(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Returns a whole number in readable form. */
export function whole(number: number): string {
  return Math.round(number).toLocaleString('en');
}
