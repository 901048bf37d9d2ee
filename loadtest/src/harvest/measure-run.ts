import { percentile } from '@spillway/simulation';
import { tokensPerMinute } from './harvest-setup.ts';
import { countDisagreements } from './ledger/backend-ledger.ts';
import { findRecoveries } from './ledger/find-recoveries.ts';
import { judgeRefusals, type AvoidableCount } from './ledger/judge-refusals.ts';
import type { ClientAnswer } from './load/drive-load.ts';
import type { Observation } from './run-contestant.ts';

/** The distribution of some times; `NaN` without any. */
interface Spread {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The result of one run, for the requests sent in the measured time; all times are real. */
export interface RunFigures {
  readonly requests: number;
  readonly succeeded: number;
  readonly refused: number;
  /** Neither a good answer nor a 429. */
  readonly failed: number;
  readonly attempts: number;
  /** 429s of backends. */
  readonly backendRefusals: number;
  readonly offeredTokens: number;
  /** The backends' charges in the measured time. */
  readonly servedTokens: number;
  /** The capacity of the quotas in that time. */
  readonly allowedTokens: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly avoidable: AvoidableCount;
  /** How much longer a success took than its backend did. */
  readonly added: Spread;
  /** How long a backend's room was unused although it was asked for. */
  readonly late: Spread;
  /** From a backend's room to its next request. */
  readonly idle: Spread;
  /** How much later than planned the load test sent its requests. */
  readonly driverLateP99Ms: number;
}

/** Measures a run; throws an Error when the replay of a backend's ledger disagrees with the backend. */
export function measureRun({ answers, ledgers, fromMs, toMs, timeScale }: Observation): RunFigures {
  const disagreements = ledgers.reduce((sum, ledger) => sum + countDisagreements(ledger), 0);
  if (disagreements > 0) throw new Error(`${disagreements} judgements of the backends cannot be replayed`);
  const sent = new Map(answers.map(({ request, sentAtMs }) => [request.number, sentAtMs]));
  const sentAtMs = (requestNumber: number) => sent.get(requestNumber);
  const isMeasured = (atMs: number | undefined) => atMs !== undefined && atMs >= fromMs && atMs < toMs;

  const measured = answers.filter((answer) => isMeasured(answer.sentAtMs));
  const succeeded = measured.filter(({ status }) => status === 200);
  const refused = measured.filter(({ status }) => status === 429);
  const entries = ledgers.flatMap((ledger) => ledger.entries);
  const attempts = entries.filter(({ requestNumber }) => isMeasured(sentAtMs(requestNumber)));
  const took = new Map(
    entries.flatMap(({ requestNumber, isAdmitted, tookMs }) => (isAdmitted ? [[requestNumber, tookMs]] : [])),
  );
  const refusals = refused.map(({ request, answeredAtMs }) => ({
    tokens: request.tokens,
    atMs: answeredAtMs,
  }));
  const smallestTokens = Math.min(...answers.map(({ request }) => request.tokens));
  const recoveries = findRecoveries(ledgers, { fromMs, toMs, smallestTokens, refusals, sentAtMs });
  return {
    requests: measured.length,
    succeeded: succeeded.length,
    refused: refused.length,
    failed: measured.length - succeeded.length - refused.length,
    attempts: attempts.length,
    backendRefusals: attempts.filter(({ isAdmitted }) => !isAdmitted).length,
    offeredTokens: sum(measured.map(({ request }) => request.tokens)),
    servedTokens: sum(
      entries.filter((entry) => entry.isAdmitted && isMeasured(entry.judgedAtMs)).map(({ tokens }) => tokens),
    ),
    allowedTokens: (tokensPerMinute * (toMs - fromMs) * timeScale) / 60_000,
    ...sumPrompts(succeeded),
    avoidable: judgeRefusals(refusals, ledgers, sentAtMs),
    added: spreadOf(
      succeeded.map(
        (answer) => answer.endedAtMs - answer.sentAtMs - (took.get(answer.request.number) ?? NaN),
      ),
    ),
    late: spreadOf(recoveries.map(({ lateMs }) => lateMs)),
    idle: spreadOf(recoveries.map(({ idleMs }) => idleMs)),
    driverLateP99Ms: percentile(
      measured.map(({ lateMs }) => lateMs),
      0.99,
    ),
  };
}

function sumPrompts(succeeded: readonly ClientAnswer[]) {
  return {
    promptTokens: sum(succeeded.map(({ usage }) => usage?.promptTokens ?? 0)),
    cachedTokens: sum(succeeded.map(({ usage }) => usage?.cachedTokens ?? 0)),
  };
}

function spreadOf(times: readonly number[]): Spread {
  return {
    count: times.length,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: times.length === 0 ? NaN : Math.max(...times),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
