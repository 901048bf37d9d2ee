import type { Verdict } from '../report/verdict.ts';
import { explainFailure } from './explain-failure.ts';
import type { ClientAnswer, ScenarioResult } from './scenario-result.ts';
import type { Expectation, Stretch } from './scenario.ts';
import { isWithin, seconds } from './stretch.ts';

/** How far a `retry-after-ms` may be from the planned recovery: the load test's own timers are not exact either. */
const toleranceMs = 400;
/** How much a backend's calls may differ from an equal share, besides chance. */
const UNEQUAL_PART = 0.1;

/** Judges a run: no client may meet a transport error, whatever else a scenario expects. */
export function judgeResult(expectations: readonly Expectation[], result: ScenarioResult): Verdict[] {
  const { errors } = result.clients;
  return [
    {
      claim: 'no connection fails, every request is answered',
      isMet: errors === 0,
      found: `${errors} errors`,
    },
    ...expectations.map((expectation) => {
      const verdict = judge(expectation, result);
      return verdict.isMet ? verdict : { ...verdict, why: explainFailure(expectation, result) };
    }),
  ];
}

function judge(expectation: Expectation, result: ScenarioResult): Verdict {
  const when = describe(expectation);
  switch (expectation.kind) {
    case 'clients-see':
      return judgeAnswers(expectation, result);
    case 'only-group-called':
      return judgeGroup(expectation, result);
    case 'group-shares':
      return judgeShares(expectation, result);
    case 'nobody-called': {
      const calls = countCalls(result, expectation).reduce((sum, { count }) => sum + count, 0);
      return { claim: `no backend is called${when}`, isMet: calls === 0, found: `${calls} calls` };
    }
    case 'refusals-at-most': {
      const refusals = result.backends.flatMap(({ calls }) =>
        calls.filter(({ atMs, status }) => status === 429 && isWithin(expectation, atMs)),
      ).length;
      const claim = `backends refuse at most ${expectation.count} requests${when}`;
      return { claim, isMet: refusals <= expectation.count, found: `${refusals} refusals` };
    }
    case 'duplicates-at-most':
      return judgeDuplicates(expectation, result);
    case 'honest-retry-after':
      return judgeRetryAfter(expectation, result);
  }
}

function judgeDuplicates(
  expectation: Expectation & { kind: 'duplicates-at-most' },
  result: ScenarioResult,
): Verdict {
  const calls = countCalls(result, expectation).reduce((sum, { count }) => sum + count, 0);
  const answers = result.clients.answers.filter(({ atMs }) => isWithin(expectation, atMs)).length;
  const perThousand = (1000 * (calls - answers)) / answers;
  return {
    claim: `backends get at most ${expectation.perThousand} duplicate per 1,000 requests${describe(expectation)}`,
    isMet: perThousand <= expectation.perThousand,
    found: `${calls - answers} of ${answers}, ${perThousand.toFixed(2)} per 1,000`,
  };
}

function judgeAnswers(expectation: Expectation & { kind: 'clients-see' }, result: ScenarioResult): Verdict {
  const answers = result.clients.answers.filter(({ atMs }) => isWithin(expectation, atMs));
  const others = answers.filter(({ status }) => status !== expectation.status);
  const statuses = [...new Set(others.map(({ status }) => status))].sort().join(', ');
  return {
    claim: `clients see ${expectation.status} only${describe(expectation)}`,
    isMet: answers.length > 0 && others.length === 0,
    found: `${answers.length} answers${others.length === 0 ? '' : `, ${others.length} of them ${statuses}`}`,
  };
}

function judgeGroup(
  expectation: Expectation & { kind: 'only-group-called' },
  result: ScenarioResult,
): Verdict {
  const counts = countCalls(result, expectation);
  return {
    claim: `all of priority ${expectation.priority} is called and no other${describe(expectation)}`,
    isMet: counts.every(({ priority, count }) => count > 0 === (priority === expectation.priority)),
    found: counts.map(({ name, count }) => `${name} ${count}`).join(', '),
  };
}

function judgeShares(expectation: Expectation & { kind: 'group-shares' }, result: ScenarioResult): Verdict {
  const group = countCalls(result, expectation).filter(({ priority }) => priority === expectation.priority);
  const equal = group.reduce((sum, { count }) => sum + count, 0) / group.length;
  // The remaining calls differ slightly, and chance adds to it: this many standard deviations occur once in millions.
  const tolerance = UNEQUAL_PART * equal + 5 * Math.sqrt(equal);
  return {
    claim: `backends of priority ${expectation.priority} share the calls equally${describe(expectation)}`,
    isMet: equal > 0 && group.every(({ count }) => Math.abs(count - equal) <= tolerance),
    found: group.map(({ name, count }) => `${name} ${count}`).join(', '),
  };
}

function judgeRetryAfter(
  expectation: Expectation & { kind: 'honest-retry-after' },
  result: ScenarioResult,
): Verdict {
  const refused = result.clients.answers.filter(
    ({ atMs, status }) => status === 429 && isWithin(expectation, atMs),
  );
  const wrong = refused.filter((answer) => !isHonest(answer, expectation.recoveryMs));
  const example = wrong[0] ?? refused[0];
  return {
    claim: `every 429 names the soonest recovery, at ${seconds(expectation.recoveryMs)}${describe(expectation)}`,
    isMet: refused.length > 0 && wrong.length === 0,
    found:
      example === undefined
        ? 'no 429'
        : `${wrong.length} of ${refused.length} wrong, such as ${example.retryAfterSeconds} s and ` +
          `${example.retryAfterMs} ms at ${seconds(example.atMs)}`,
  };
}

function isHonest({ atMs, retryAfterSeconds, retryAfterMs }: ClientAnswer, recoveryMs: number): boolean {
  if (retryAfterSeconds === undefined || retryAfterMs === undefined) return false;
  const isRoundedUp = retryAfterSeconds === Math.ceil(retryAfterMs / 1000);
  return isRoundedUp && Math.abs(atMs + retryAfterMs - recoveryMs) <= toleranceMs;
}

function countCalls(
  { backends }: ScenarioResult,
  stretch: Stretch,
): { name: string; priority: number; count: number }[] {
  return backends.map(({ name, priority, calls }) => ({
    name,
    priority,
    count: calls.filter(({ atMs }) => isWithin(stretch, atMs)).length,
  }));
}

function describe({ fromMs, toMs }: Stretch): string {
  if (fromMs === undefined && toMs === undefined) return '';
  if (fromMs === undefined) return `, until ${seconds(toMs ?? 0)}`;
  return toMs === undefined ? `, from ${seconds(fromMs)}` : `, ${seconds(fromMs)} to ${seconds(toMs)}`;
}
