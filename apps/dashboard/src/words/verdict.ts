import type { BackendSnapshot, StateSnapshot } from '../admin-types.ts';
import { largestClientText, overBudgetText } from './clients.ts';
import { isolate } from './isolate.ts';
import { unhurtForMs, unspilledForMs } from './ended.ts';
import { formatCount, formatPercent, formatRate, formatSpan, joinNames } from './numbers.ts';
import { refusalOf } from './refusal.ts';
import { describeStanding, isOut, standingOf } from './states.ts';

/**
 * How clients are served: `idle` if nothing ends but what no backend could have served, `spilling` if not all by the
 * most preferred group, `refusing` if not all are served, or not to their end.
 */
export type Tone = 'serving' | 'idle' | 'spilling' | 'refusing';

const NOBODY = 'Serving nobody';

/**
 * Returns what a verdict is about, which lasts while its numbers change. To serve nobody is another matter than to have
 * nobody to serve, though the gateway is at fault for neither.
 */
export function topicOf({ tone, text }: Verdict): string {
  return text.startsWith(NOBODY) ? NOBODY : tone;
}

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
  const others = [
    largestClientText(snapshot),
    fallbackText(snapshot),
    waitingText(snapshot),
    detailOf(backends),
    configurationText(snapshot),
  ]
    .filter(Boolean)
    .join('; ');
  const detail = [overBudget, others].filter(Boolean).join('; ');
  if (process.isStopping)
    return {
      tone: 'refusing',
      text: 'Stopping: requests under way finish, new ones go elsewhere',
      detail: `${process.inFlight} under way`,
    };
  const brokenOff = brokenOffText(snapshot);
  const ended = endedHurtText(snapshot);
  if (totals.refusedPerSecond > 0 && ended === '')
    return {
      tone: 'refusing',
      text: `Refusing ${formatRate(totals.refusedPerSecond)} req/s: ${refusalOf(snapshot)}`,
      detail: [brokenOff && `responses break off: ${brokenOff}`, detail].filter(Boolean).join('; '),
    };
  if (process.whyRefusing !== undefined)
    return { tone: 'refusing', text: `Taking no requests: ${process.whyRefusing}`, detail };
  if (backends.length > 0 && backends.every((backend) => isOut(standingOf(backend, undefined))))
    return { tone: 'refusing', text: `No backend takes requests: ${refusalOf(snapshot)}`, detail };
  if (ended !== '') return { tone: 'refusing', text: ended, detail };
  if (brokenOff !== '') return { tone: 'refusing', text: `Responses break off: ${brokenOff}`, detail };
  const whyNobody = nobodyText(snapshot);
  if (whyNobody !== '') return { tone: 'idle', text: `${NOBODY}: ${whyNobody}`, detail: others };
  const spilled = spillText(snapshot);
  if (spilled !== '') return { tone: 'spilling', text: `${spilled}, ${clientErrorsText(snapshot)}`, detail };
  if (totals.requestsPerSecond === 0) return { tone: 'idle', text: idleText(process), detail };
  const errors = clientErrorsText(snapshot);
  const text = errors === NO_ERRORS ? 'Serving normally' : `Serving again: ${errors}`;
  if (overBudget === '') return { tone: 'serving', text, detail };
  return { tone: 'serving', text: `${text}, ${overBudget}`, detail: others };
}

/**
 * Returns how much a group serves in place of others: with several causes, rounded rates may add up to more than the
 * total.
 */
export function spilledInto({ requestsPerSecond, spilledIn }: StateSnapshot['groups'][number]): number {
  const sum = spilledIn.reduce((total, spill) => total + spill.requestsPerSecond, 0);
  return Math.min(sum, requestsPerSecond);
}

/** Returns the share of requests that each later priority serves in place of an earlier one; empty if none does. */
function spillText({ groups }: StateSnapshot): string {
  const served = groups.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const shares = groups
    .map((group) => ({ priority: group.priority, spilled: spilledInto(group) }))
    .filter(({ spilled }) => spilled > 0)
    .map(({ priority, spilled }) => `${formatPercent(spilled / served)} to priority ${priority}`)
    .join(', ');
  if (shares === '') return '';
  const unspilledMs = unspilledForMs(groups);
  return `${unspilledMs === undefined ? 'Spilling' : `Spilled until ${formatSpan(unspilledMs)} ago`}: ${shares}`;
}

/** Returns until when clients have been hurt, if it is over; empty otherwise. */
function endedHurtText(snapshot: StateSnapshot): string {
  const unhurtMs = unhurtForMs(snapshot);
  if (unhurtMs === undefined) return '';
  return `Clients were hurt until ${formatSpan(unhurtMs)} ago: ${errorsText(snapshot)} in 5 min`;
}

/** Returns how many 429s clients got although they had not spent their own budgets. */
function othersThrottled({ totals: { client429s, overBudget } }: StateSnapshot): number {
  return Math.max(0, client429s - (overBudget?.client429s ?? 0));
}

const NO_ERRORS = 'no client errors';

function clientErrorsText(snapshot: StateSnapshot): string {
  const errors = errorsText(snapshot);
  return errors === '' ? NO_ERRORS : `clients saw ${errors} in 5 min`;
}

/** Returns what clients saw in five minutes; empty if it was nothing bad. */
function errorsText(snapshot: StateSnapshot): string {
  const { client5xx, clientBrokenOff = 0 } = snapshot.totals;
  const kinds = [
    [othersThrottled(snapshot), '429'],
    [client5xx, '5xx'],
    [clientBrokenOff, 'broken off'],
  ] as const;
  const seen = kinds.filter(([count]) => count > 0).map(([count, kind]) => `${formatCount(count)} × ${kind}`);
  return joinNames(seen, 'kinds');
}

/** Returns how many responses are broken off, and whose; empty if none is. */
function brokenOffText({ totals: { brokenOffPerSecond = 0 }, backends }: StateSnapshot): string {
  if (brokenOffPerSecond === 0) return '';
  const names = backends.filter(({ brokenOffPerSecond: own = 0 }) => own > 0).map(({ name }) => name);
  return `${formatRate(brokenOffPerSecond)}/s${names.length === 0 ? '' : ` of ${joinNames(names, 'backends')}`}`;
}

/** Returns why no request had a good answer, although some have ended; empty if any had. */
function nobodyText({ totals }: StateSnapshot): string {
  const { requestsPerSecond, unservedPerSecond = 0, leftPerSecond = 0, overBudget } = totals;
  if (unservedPerSecond === 0 || unservedPerSecond < requestsPerSecond) return '';
  const spentPerSecond = overBudget?.refusedPerSecond ?? 0;
  // Rates are rounded to tenths.
  const isWrong = unservedPerSecond - leftPerSecond - spentPerSecond > 0.05;
  return [
    spentPerSecond > 0 && 'clients are over their budgets',
    leftPerSecond > 0 && 'clients leave before their answer begins',
    isWrong && 'requests are refused as wrong, such as for their key or deployment',
  ]
    .filter(Boolean)
    .join(', or ');
}

/** Requests and sessions are counted when they end: while backends are silent, all of them are under way. */
function idleText({ inFlight }: StateSnapshot['process']): string {
  return inFlight === 0
    ? 'Ready: no requests at the moment'
    : `Nothing ended in the last 10 s: ${formatCount(inFlight)} under way`;
}

function configurationText({ process }: StateSnapshot): string {
  return process.isConfigurationRefused ? 'the new configuration is refused, and the old one in effect' : '';
}

/** Returns how many clients get another deployment than they asked for; empty if none does. */
function fallbackText({ totals: { fallbacksPerSecond = 0 } }: StateSnapshot): string {
  if (fallbacksPerSecond === 0) return '';
  return `${formatRate(fallbacksPerSecond)} req/s are served by fallback deployments`;
}

/** Returns how many requests wait for quota; empty if none does. */
function waitingText({ process: { waiting } }: StateSnapshot): string {
  const count = waiting === undefined ? 0 : waiting.interactive + waiting.standard + waiting.batch;
  return count === 0 ? '' : `${formatCount(count)} ${count === 1 ? 'waits' : 'wait'} for quota`;
}

/** Returns what is not simply available, and why: backends, or only deployments of them. */
function detailOf(backends: readonly BackendSnapshot[]): string {
  const whole = new Map<string, string[]>();
  const parts = new Map<string, string[]>();
  for (const backend of backends) {
    const { state, why } = standingOf(backend, undefined);
    if (state !== 'available') add(whole, describeOut(state, why), backend.name);
    else
      for (const one of backend.deployments)
        if (one.state !== 'available')
          add(parts, describeOut(one.state, one.why), `${isolate(one.name)} at ${backend.name}`);
  }
  const isMore = backends.some(
    ({ deployments, deploymentsLeftOut }) =>
      deploymentsLeftOut !== undefined && deployments.every(({ state }) => state !== 'available'),
  );
  return [
    ...joinAlike(whole, 'backends'),
    ...joinAlike(parts, `${isMore ? 'or more ' : ''}deployments`),
  ].join('; ');
}

function describeOut(state: BackendSnapshot['state'], why: string | undefined): string {
  const { word } = describeStanding({ state });
  return why === undefined ? word : `${word} (${why})`;
}

function add(byText: Map<string, string[]>, text: string, name: string): void {
  byText.set(text, [...(byText.get(text) ?? []), name]);
}

function joinAlike(byText: ReadonlyMap<string, readonly string[]>, things: string): string[] {
  return [...byText].map(
    ([text, names]) => `${joinNames(names, things)} ${names.length === 1 ? 'is' : 'are'} ${text}`,
  );
}
