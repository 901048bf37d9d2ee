import type { ScenarioResult } from './scenario-result.ts';
import type { Expectation } from './scenario.ts';
import { isWithin } from './stretch.ts';

interface Call {
  readonly backend: string;
  readonly priority: number;
  readonly atMs: number;
  readonly status: number | undefined;
}

/** Returns the first thing that broke an expectation, and the events before it; `undefined` if that adds nothing. */
export function explainFailure(expectation: Expectation, result: ScenarioResult): string | undefined {
  const calls = callsOf(result).filter(({ atMs }) => isWithin(expectation, atMs));
  switch (expectation.kind) {
    case 'clients-see':
      return explainAnswers(expectation, result);
    case 'only-group-called':
      return explainGroup(expectation.priority, calls, result);
    case 'nobody-called':
      return calls[0] && `the first call was ${describeCall(calls[0])}`;
    case 'refusals-at-most':
      return explainRefusals(calls.filter(({ status }) => status === 429));
    case 'group-shares':
    case 'duplicates-at-most':
    case 'honest-retry-after':
      return undefined;
  }
}

function explainAnswers(expectation: Expectation & { kind: 'clients-see' }, result: ScenarioResult): string {
  const answers = result.clients.answers.filter(({ atMs }) => isWithin(expectation, atMs));
  const first = answers.find(({ status }) => status !== expectation.status);
  if (first === undefined) return 'no client was answered in this time';
  const source = first.backend === undefined ? 'the gateway itself' : first.backend;
  return `the first was ${first.status} from ${source} at ${moment(first.atMs)}${before(first.atMs, result)}`;
}

function explainGroup(priority: number, calls: readonly Call[], result: ScenarioResult): string | undefined {
  const stray = calls.find((call) => call.priority !== priority);
  if (stray !== undefined)
    return `the first call elsewhere was ${describeCall(stray)}${before(stray.atMs, result)}`;
  const idle = result.backends.filter(
    (backend) => backend.priority === priority && calls.every((call) => call.backend !== backend.name),
  );
  return idle.length === 0 ? undefined : `${idle.map(({ name }) => name).join(' and ')} got no call`;
}

function explainRefusals(refusals: readonly Call[]): string | undefined {
  const [first, last] = [refusals[0], refusals.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const names = [...new Set(refusals.map(({ backend }) => backend))];
  const counts = names.map((name) => `${name} ${refusals.filter(({ backend }) => backend === name).length}`);
  return `refused by ${counts.join(', ')}, from ${moment(first.atMs)} to ${moment(last.atMs)}`;
}

/** The last trouble at a backend before a moment, which is often its cause. */
function before(atMs: number, result: ScenarioResult): string {
  const trouble = callsOf(result).findLast((call) => call.atMs < atMs && call.status !== 200);
  return trouble === undefined
    ? '; no backend had failed before'
    : `; before it came ${describeCall(trouble)}`;
}

function callsOf({ backends }: ScenarioResult): Call[] {
  return backends
    .flatMap(({ name, priority, calls }) => calls.map((call) => ({ ...call, backend: name, priority })))
    .sort((one, other) => one.atMs - other.atMs);
}

function describeCall({ backend, status, atMs }: Call): string {
  return `${status ?? 'no answer'} by ${backend} at ${moment(atMs)}`;
}

function moment(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
