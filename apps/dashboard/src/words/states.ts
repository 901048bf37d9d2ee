import type { BackendSnapshot, DeploymentSnapshotState, StateEvent, StateWord } from '../admin-types.ts';
import { formatCountdown } from './numbers.ts';
import { isolate } from './isolate.ts';

/** A state, in the words of a tile. */
export interface StandingText {
  readonly state: StateWord;
  /** Such as `throttled`. */
  readonly word: string;
  /** Such as `429, back in 0:12`; empty if there is nothing more to say. */
  readonly detail: string;
}

type Standing = Pick<BackendSnapshot, 'state' | 'why' | 'recoversInMs'>;

/** All other states, those of later gateways too, are words already. */
const WORDS: Readonly<Partial<Record<StateWord, string>>> = { full: 'full: spills', draining: 'drained' };

export function wordOf(state: StateWord): string {
  return WORDS[state] ?? state;
}

/** Returns a state in words. */
export function describeStanding({ state, why, recoversInMs }: Standing): StandingText {
  const back = recoversInMs === undefined ? '' : `back in ${formatCountdown(recoversInMs)}`;
  const room = recoversInMs === undefined ? '' : `room in ${formatCountdown(recoversInMs)}`;
  const details: Readonly<Partial<Record<StateWord, string>>> = {
    available: '',
    probing: 'few requests at first',
    full: room,
    draining: 'taken out by an operator',
  };
  const detail = details[state] ?? [why, back].filter(Boolean).join(', ');
  return { state, word: wordOf(state), detail };
}

/**
 * Returns a backend's state for one deployment, or for all of them. Azure throttles deployments, not resources: if all
 * deployments of a backend have the same state, that is the backend's state too. Those that are out come first: while
 * one that is left out takes requests, the backend does.
 */
export function standingOf(backend: BackendSnapshot, deployment: string | undefined): Standing {
  if (backend.state !== 'available') return backend;
  if (deployment === undefined && isMoreServed(backend)) return backend;
  const deployments = deploymentsOf(backend, deployment);
  const [first] = deployments;
  if (first === undefined || !deployments.every(({ state }) => state === first.state)) return backend;
  return deployments.reduce((soonest, next) => (isSooner(next, soonest) ? next : soonest), first);
}

/** Earlier gateways do not tell. */
function isMoreServed({ deploymentsLeftOut, notShown }: BackendSnapshot): boolean {
  return deploymentsLeftOut !== undefined && notShown?.taking !== 0;
}

/**
 * Returns the deployments of a backend that are displayed: all, or the one that a request gets there, by its name there
 * or in requests. Like Azure, it ignores letter case.
 */
export function deploymentsOf(
  { deployments, servesAllAs }: BackendSnapshot,
  deployment: string | undefined,
): readonly DeploymentSnapshotState[] {
  if (deployment === undefined) return deployments;
  const isNamed = (name: string) => name.toLowerCase() === deployment.toLowerCase();
  const named = deployments.filter(({ name, requestedAs = [] }) => [name, ...requestedAs].some(isNamed));
  if (named.length > 0 || servesAllAs === undefined) return named;
  return deployments.filter(({ name }) => name.toLowerCase() === servesAllAs.toLowerCase());
}

/** Returns what requests call a deployment, by its name at a backend; undefined if they may call it anything. */
export function requestedNameOf(
  { deployments, servesAllAs }: BackendSnapshot,
  deployment: string,
): string | undefined {
  if (servesAllAs?.toLowerCase() === deployment.toLowerCase()) return undefined;
  return deployments.find(({ name }) => name === deployment)?.requestedAs?.[0] ?? deployment;
}

/** Returns whether a backend takes no new requests for now. */
export function isOut({ state }: { readonly state: StateWord }): boolean {
  return state === 'throttled' || state === 'cooling' || state === 'draining' || state === 'full';
}

/** Returns whether a state is a cooldown, which an operator may clear. */
export function isCooldown({ state }: { readonly state: StateWord }): boolean {
  return state === 'throttled' || state === 'cooling';
}

/** Returns a change of state as a sentence. */
export function describeEvent({ backend, deployment, from, to, why }: StateEvent): string {
  const name = deployment === undefined ? backend : `${isolate(deployment)} at ${backend}`;
  if (to === 'available') return from === 'draining' ? `${name} is no longer drained` : `${name} is back`;
  return `${name} is ${wordOf(to)}${why === undefined ? '' : `: ${why}`}`;
}

function isSooner(a: Standing, b: Standing): boolean {
  return (a.recoversInMs ?? Number.POSITIVE_INFINITY) < (b.recoversInMs ?? Number.POSITIVE_INFINITY);
}
