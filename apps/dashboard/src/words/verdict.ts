import type { BackendSnapshot, StateSnapshot } from '../admin-types.ts';
import { overBudgetText } from './clients.ts';
import { formatCount, formatPercent, formatRate, formatSpan, joinNames } from './numbers.ts';
import { describeStanding, isOut, standingOf } from './states.ts';

/**
 * How clients are served: `idle` without traffic, `spilling` if not all by the most preferred group, `refusing` if not
 * all are served.
 */
export type Tone = 'serving' | 'idle' | 'spilling' | 'refusing';

/** The whole state in a sentence. */
export interface Verdict {
  readonly tone: Tone;
  readonly text: string;
  /** The reason, if there is one. */
  readonly detail: string;
}

/** Returns whether clients are hurt, and where their requests go. */
export function verdictOf(snapshot: StateSnapshot): Verdict {
  const { totals, process, backends } = snapshot;
  const overBudget = overBudgetText(snapshot);
  const outages = detailOf(backends);
  const detail = [overBudget, outages].filter(Boolean).join('; ');
  if (process.isStopping)
    return {
      tone: 'refusing',
      text: 'Stopping: requests under way finish, new ones go elsewhere',
      detail: `${process.inFlight} under way`,
    };
  if (totals.refusedPerSecond > 0)
    return {
      tone: 'refusing',
      text: `Refusing ${formatRate(totals.refusedPerSecond)} req/s: ${refusalOf(backends)}`,
      detail,
    };
  if (backends.length > 0 && backends.every((backend) => isOut(standingOf(backend, undefined))))
    return { tone: 'refusing', text: `No backend takes requests: ${refusalOf(backends)}`, detail };
  const spilled = spillText(snapshot);
  if (spilled !== '')
    return { tone: 'spilling', text: `Spilling: ${spilled}, ${clientErrorsText(snapshot)}`, detail };
  if (totals.requestsPerSecond === 0)
    return { tone: 'idle', text: 'Ready: no requests at the moment', detail };
  const text =
    othersThrottled(snapshot) + totals.client5xx === 0
      ? 'Serving normally'
      : `Serving again: ${clientErrorsText(snapshot)}`;
  if (overBudget === '') return { tone: 'serving', text, detail };
  return { tone: 'serving', text: `${text}, ${overBudget}`, detail: outages };
}

/**
 * Returns how much a group serves in place of others: with several causes, rounded rates may add up to more than the
 * total.
 */
export function spilledInto({ requestsPerSecond, spilledIn }: StateSnapshot['groups'][number]): number {
  const sum = spilledIn.reduce((total, spill) => total + spill.requestsPerSecond, 0);
  return Math.min(sum, requestsPerSecond);
}

/** Returns the share of requests that each later priority serves in place of an earlier one. */
function spillText({ groups }: StateSnapshot): string {
  const served = groups.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  return groups
    .map((group) => ({ priority: group.priority, spilled: spilledInto(group) }))
    .filter(({ spilled }) => spilled > 0)
    .map(({ priority, spilled }) => `${formatPercent(spilled / served)} to priority ${priority}`)
    .join(', ');
}

/** Returns how many 429s clients got although they had not spent their own budgets. */
function othersThrottled({ totals: { client429s, overBudget } }: StateSnapshot): number {
  return Math.max(0, client429s - (overBudget?.client429s ?? 0));
}

function clientErrorsText(snapshot: StateSnapshot): string {
  const { client5xx } = snapshot.totals;
  const throttled = othersThrottled(snapshot);
  if (throttled + client5xx === 0) return 'no client errors';
  const kinds = [
    throttled > 0 && `${formatCount(throttled)} × 429`,
    client5xx > 0 && `${formatCount(client5xx)} × 5xx`,
  ];
  return `clients saw ${kinds.filter(Boolean).join(' and ')} in 5 min`;
}

/** Returns why requests are refused, and until when, as far as the backends report it. */
function refusalOf(backends: readonly BackendSnapshot[]): string {
  const standings = backends.map((backend) => standingOf(backend, undefined));
  if (!standings.every(isOut)) return 'not every request can be served elsewhere';
  const soonestMs = Math.min(
    ...standings.map(({ recoversInMs }) => recoversInMs ?? Number.POSITIVE_INFINITY),
  );
  const back = Number.isFinite(soonestMs)
    ? `, back in ${formatSpan(Math.ceil(soonestMs / 1000) * 1000)}`
    : '';
  const states = new Set(standings.map(({ state }) => state));
  if (states.size === 1 && states.has('draining')) return 'all backends are drained';
  const isQuota = !states.has('cooling') && !states.has('draining');
  return `${isQuota ? 'all quota is spent' : 'all backends are out'}${back}`;
}

/** Returns which backends are not simply available, and why. */
function detailOf(backends: readonly BackendSnapshot[]): string {
  const byText = new Map<string, string[]>();
  for (const backend of backends) {
    const { state, why } = standingOf(backend, undefined);
    if (state === 'available') continue;
    const { word } = describeStanding({ state });
    const text = why === undefined ? word : `${word} (${why})`;
    byText.set(text, [...(byText.get(text) ?? []), backend.name]);
  }
  return [...byText]
    .map(([text, names]) => `${joinNames(names, 'backends')} ${names.length === 1 ? 'is' : 'are'} ${text}`)
    .join('; ');
}
