import type { BackendSnapshot, StateSnapshot } from '../admin-types.ts';
import { isolate } from './isolate.ts';
import { formatSpan, joinNames } from './numbers.ts';
import { isOut, requestedNameOf, standingOf } from './states.ts';

type Cause = NonNullable<StateSnapshot['totals']['refusedFor']>[number]['cause'];

/** Causes that lie in the gateway, whatever the state of its backends. */
const OWN: Partial<Record<Cause, string>> = {
  overloaded: 'the gateway itself has no room for more',
  internal: 'the gateway itself fails',
  'issuer-unavailable': 'tokens of clients cannot be checked',
};

const OTHERS: Partial<Record<Cause, string>> = {
  throttled: 'no quota is left for some of them',
  unavailable: 'the backends that could serve them fail or are out',
  'out-of-time': 'no backend answers in time',
  'retries-spent': 'there are too many retries already',
  'not-repeatable': 'they may not be sent to a second backend',
  'not-replayable': 'they are too large for a second backend',
  relayed: 'a backend’s own errors are passed on',
};

/** Returns why requests are refused, and until when, as far as the snapshot tells. */
export function refusalOf({
  backends,
  totals: { refusedFor = [] },
  process: { whyRefusing },
}: StateSnapshot): string {
  const cause = refusedFor[0]?.cause;
  const own = cause && OWN[cause];
  if (cause === 'overloaded' && whyRefusing !== undefined)
    return `the gateway has no room, as ${whyRefusing}`;
  if (own !== undefined) return own;
  const standings = backends.map((backend) => standingOf(backend, undefined));
  if (standings.every(isOut)) return describeOutage(standings);
  const out = cause === 'throttled' || cause === 'unavailable' ? outEverywhere(backends) : [];
  if (out.length > 0) {
    const names = joinNames(
      out.map(({ name }) => isolate(name)),
      'deployments',
    );
    return `${describeOutage(out.flatMap((one) => one.standings))}, of ${names}`;
  }
  return (cause && OTHERS[cause]) ?? 'not every request can be served elsewhere';
}

type Standing = Pick<BackendSnapshot, 'state' | 'recoversInMs'>;

function describeOutage(standings: readonly Standing[]): string {
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

/** Returns the deployments that no backend takes requests for, as far as backends are known to have them. */
function outEverywhere(
  backends: readonly BackendSnapshot[],
): { readonly name: string; readonly standings: readonly Standing[] }[] {
  const byName = new Map<string, { name: string; standings: Standing[] }>();
  for (const backend of backends)
    for (const own of backend.deployments) {
      const name = requestedNameOf(backend, own.name) ?? own.name;
      const known = byName.get(name.toLowerCase()) ?? { name, standings: [] };
      known.standings.push(isOut(backend) ? backend : own);
      byName.set(name.toLowerCase(), known);
    }
  // A backend shows first what is out there, so what it leaves out may be available.
  const isWhole = ({ standings }: { readonly standings: readonly Standing[] }) =>
    backends.every(({ deploymentsLeftOut }) => deploymentsLeftOut === undefined) ||
    standings.length === backends.length;
  return [...byName.values()].filter((one) => one.standings.every(isOut) && isWhole(one));
}
