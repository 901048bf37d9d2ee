import type { ActionName, BackendSnapshot, StateSnapshot } from '../admin-types.ts';
import { joinNames } from './numbers.ts';
import { standingOf } from './states.ts';
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
        effect: `The next request goes there as a probe. If it is refused too, ${name} cools down again; the client does not notice, as long as another backend has room.`,
        verb: 'Clear cooldown',
        isRisky: false,
      };
  }
}

function drainEffect({ backend, deployment }: Subject, { backends }: StateSnapshot): string {
  const drained = backends.find(({ name }) => name === backend);
  const underWay =
    drained === undefined || drained.inFlight === 0 ? '' : ` The ${drained.inFlight} under way finish.`;
  const others = backends.filter(
    (other) => other.name !== backend && standingOf(other, deployment).state !== 'draining',
  );
  return `It gets no new requests.${underWay} ${restText(drained, others)}`;
}

/**
 * Returns the remaining backends, first in the same priority group, as requests spill to the next only when none is
 * left.
 */
function restText(drained: BackendSnapshot | undefined, others: readonly BackendSnapshot[]): string {
  if (others.length === 0) return 'This leaves no backend: clients get a 503 until you undrain it.';
  const peers = others.filter(({ priority }) => priority === drained?.priority);
  const count = others.length === 1 ? '1 backend' : `${others.length} backends`;
  if (others.length === 1) return `This leaves 1 backend: ${namesOf(others)}.`;
  if (peers.length > 0) return `This leaves ${count}; in priority ${drained?.priority}: ${namesOf(peers)}.`;
  return `This leaves ${count}, none in priority ${drained?.priority}: its requests spill to ${namesOf(others)}.`;
}

function namesOf(backends: readonly BackendSnapshot[]): string {
  return joinNames(
    backends.map(({ name }) => name),
    'backends',
  );
}
