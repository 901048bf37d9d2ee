import { type Answer, figuresOf, type Outcome, quotaUsesOf, waitOf } from './answers.ts';
import { findShortages } from './find-shortages.ts';

const MINUTE_MS = 60_000;

/**
 * Returns an outcome in the form of `--json`: the printed output, as numbers. Values without a limit, or that could not
 * be measured, are null.
 */
export function jsonOf({ requests, startMs, lastedMs, assumptions, answers }: Outcome): unknown {
  return {
    version: 1,
    from: timeOf(startMs),
    to: timeOf(startMs + lastedMs),
    requests,
    assumptions,
    configurations: answers.map((answer) => configurationOf(answer, startMs)),
  };
}

function configurationOf(answer: Answer, startMs: number): unknown {
  const { name, unproven, findings } = answer;
  return {
    name,
    figures: figuresOf(answer),
    unknownDeployments: unproven.map(({ deployment, requests }) => ({ deployment, requests })),
    shortages: findShortages(findings.byMinute).map(({ fromMinute, toMinute, requests, refused }) => ({
      from: timeOf(startMs + fromMinute * MINUTE_MS),
      to: timeOf(startMs + (toMinute + 1) * MINUTE_MS),
      requests,
      refused,
    })),
    backends: [...findings.backends].map(([backend, count]) => ({ name: backend, ...count })),
    quotas: quotaUsesOf(answer, answer.quotas.values()).map((use) => ({
      ...use,
      tokensPerMinute: finite(use.tokensPerMinute),
      requestsPerMinute: finite(use.requestsPerMinute),
    })),
    classes: [...findings.byClass].map(([priorityClass, count]) => ({
      name: priorityClass,
      requests: count.requests,
      served: count.served,
      refused: count.refused,
      failed: count.failed,
      waited: count.waitsMs.length,
      waitedP50Seconds: waitOf(count, 0.5),
      waitedP99Seconds: waitOf(count, 0.99),
    })),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function finite(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null;
}
