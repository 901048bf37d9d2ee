import type { ActionName, BackendSnapshot, StateSnapshot, StateWord } from '../admin-types.ts';
import { joinNames, MAX_NAMED } from './numbers.ts';
import { deploymentsOf, isOut, requestedNameOf, standingOf } from './states.ts';
import { isolate } from './isolate.ts';

/** The backend, or one of its deployments, that an action is about. */
export interface Subject {
  readonly backend: string;
  readonly deployment?: string | undefined;
}

/** The question to an operator before an action. */
export interface Question {
  readonly title: string;
  readonly effect: string;
  /** The label of the button that does it. */
  readonly verb: string;
  /** Whether it takes capacity away. */
  readonly isRisky: boolean;
}

/** Returns the effect of an action at this moment, so that nobody presses blindly. */
export function questionOf(action: ActionName, subject: Subject, snapshot: StateSnapshot): Question {
  const name =
    subject.deployment === undefined
      ? subject.backend
      : `${isolate(subject.deployment)} at ${subject.backend}`;
  switch (action) {
    case 'drain':
      return {
        title: `Drain ${name}?`,
        effect: drainEffect(subject, snapshot),
        verb: 'Drain',
        isRisky: true,
      };
    case 'undrain':
      return {
        title: `Let ${name} serve again?`,
        effect: 'It gets requests again at once, as its priority and quota allow.',
        verb: 'Undrain',
        isRisky: false,
      };
    case 'clear-cooldown':
      return {
        title: `Clear the cooldown of ${name}?`,
        effect: `The next request goes there as a probe. ${againText(name, standingNow(subject, snapshot))}`,
        verb: 'Clear cooldown',
        isRisky: false,
      };
  }
}

/** Returns what becomes of a probe that is not served: a 429 comes at once, but a failure may take its time. */
function againText(name: string, state: StateWord | undefined): string {
  return state === 'throttled'
    ? `If it is refused too, ${name} cools down again; the client does not notice, as long as another backend has room.`
    : `If it fails too, ${name} cools down again; its client waits for that, and is then served by another backend that has room.`;
}

function standingNow({ backend, deployment }: Subject, { backends }: StateSnapshot): StateWord | undefined {
  const found = backends.find(({ name }) => name === backend);
  return found && standingOf(found, deployment).state;
}

function drainEffect(subject: Subject, { backends, clientTags = [] }: StateSnapshot): string {
  const { backend } = subject;
  const drained = backends.find(({ name }) => name === backend);
  const deployment =
    drained && subject.deployment !== undefined
      ? requestedNameOf(drained, subject.deployment)
      : subject.deployment;
  const underWay =
    drained === undefined || drained.inFlight === 0 ? '' : ` The ${drained.inFlight} under way finish.`;
  const others = backends.filter(
    (other) => other.name !== backend && standingOf(other, deployment).state !== 'draining',
  );
  // Those of weight 0 get only what no other can take, of whatever priority it is.
  const regular = others.filter(({ weight }) => weight > 0);
  const left = regular.length > 0 ? regular : others;
  const rest = restText(drained, left, deployment);
  return `It gets no new requests.${underWay} ${rest}${unservedText(drained, others, clientTags)}`;
}

/** Returns which clients no other backend serves, as they are limited to tags; empty if there are none. */
function unservedText(
  drained: BackendSnapshot | undefined,
  others: readonly BackendSnapshot[],
  clientTags: readonly (readonly string[])[],
): string {
  if (drained === undefined || others.length === 0) return '';
  return clientTags
    .filter((wanted) => hasAll(drained, wanted) && !others.some((other) => hasAll(other, wanted)))
    .map((wanted) => ` Clients that are limited to ${wanted.join(' and ')} get a 503 until you undrain it.`)
    .join('');
}

function hasAll({ tags = [] }: BackendSnapshot, wanted: readonly string[]): boolean {
  return wanted.every((tag) => tags.includes(tag));
}

/**
 * Returns the remaining backends, first in the same priority group, as requests spill to the next only when none is
 * left.
 */
function restText(
  drained: BackendSnapshot | undefined,
  others: readonly BackendSnapshot[],
  deployment: string | undefined,
): string {
  if (others.length === 0) return 'This leaves no backend: clients get a 503 until you undrain it.';
  const peers = others.filter(({ priority }) => priority === drained?.priority);
  const count = others.length === 1 ? '1 backend' : `${others.length} backends`;
  if (others.length === 1) return `This leaves 1 backend: ${namesOf(others, deployment)}.`;
  if (peers.length > 0)
    return `This leaves ${count}; in priority ${drained?.priority}: ${namesOf(peers, deployment)}.`;
  return `This leaves ${count}, none in priority ${drained?.priority}: its requests spill to ${namesOf(others, deployment)}.`;
}

/** Returns the names of backends, and of each why it may not serve in the place of another. */
function namesOf(backends: readonly BackendSnapshot[], deployment: string | undefined): string {
  const doubts = backends.map((backend) => doubtOf(backend, deployment));
  const names = backends.map(({ name }, place) => (doubts[place] ? `${name} (${doubts[place]})` : name));
  const joined = joinNames(names, 'backends');
  const kinds = new Set(doubts.filter(Boolean));
  if (names.length <= MAX_NAMED || kinds.size === 0) return joined;
  return `${joined}, ${doubts.filter(Boolean).length} of them ${[...kinds].join(' or ')}`;
}

/** Returns why a backend may not serve at this moment; empty if nothing speaks against it. */
function doubtOf(backend: BackendSnapshot, deployment: string | undefined): string {
  const standing = standingOf(backend, deployment);
  if (isOut(standing)) return standing.state;
  const isKnown =
    deployment === undefined ||
    backend.deploymentsLeftOut !== undefined ||
    deploymentsOf(backend, deployment).length > 0;
  if (!isKnown) return 'not known to have it';
  return backend.weight === 0 ? 'weight 0' : '';
}
