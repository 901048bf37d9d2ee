import {
  type Answer,
  type AttemptRecord,
  type Backend,
  type Outcome,
  saysSealedElsewhere,
  type Verdict,
} from '@spillway/core';
import type { Reference } from '../route/stored-objects.ts';
import { outcomeOf } from './learn-owner.ts';
import { namesOf } from './look-up.ts';
import type { OwnerStore } from './owner-store.ts';

type Relayed<B extends Backend, Body> = Extract<Verdict<B, Body>, { kind: 'relay' }>;

/** Backends' messages for a missing object. */
const MISSING =
  /not.?found|no such|does(?: not|n't) exist|no [\w ]{1,40} found|could not (?:be found|find)|expired/i;

/**
 * Returns whether a backend refused a request because it lacks something that another may have: the object that the
 * request refers to, or the key to its sealed content. Such a request had no effect.
 *
 * @param open the objects it refers to, unless it is known that no backend has them
 * @param references all objects that its body refers to
 */
export function isRefusedForLack(
  outcome: Outcome | undefined,
  answer: Answer,
  open: readonly Reference[],
  references: readonly Reference[] = open,
): boolean {
  const kind = outcome?.kind;
  if (kind !== 'rejected' && kind !== 'not-found') return false;
  const text = textOf(answer);
  const isMissing = kind === 'not-found' || MISSING.test(text);
  return (isMissing && mayBeOf(text, open, references)) || saysSealedElsewhere(text);
}

/** Returns whether a message is about one of some objects: it names one, or none at all, as not every message does. */
function mayBeOf(text: string, open: readonly Reference[], references: readonly Reference[]): boolean {
  if (open.some(({ id }) => text.includes(id))) return true;
  return open.length > 0 && references.every(({ id }) => !text.includes(id));
}

function textOf({ bodyText, opening }: Answer): string {
  return bodyText ?? (opening?.kind === 'event' ? opening.event.data : '');
}

/** Remembers the backend that served a request which another refused for lack of an object as the owner of that object. */
export function rememberServed<B extends Backend, Body>(
  owners: OwnerStore,
  refused: Relayed<B, Body>,
  open: readonly Reference[],
  served: Verdict<B, Body>,
): void {
  if (served.kind !== 'relay' || outcomeOf(served)?.kind !== 'succeeded') return;
  const text = textOf(refused.answer);
  const found = open.length === 1 ? open : open.filter(({ id }) => text.includes(id));
  for (const { id } of found) owners.remember(id, served.lease.backend.name);
}

/** The parts needed to try the other backends. */
export interface OtherBackends<B extends Backend, Body> {
  /** All backends, in the order of the attempts. */
  readonly names: readonly string[];
  readonly sendTo: (name: string) => Promise<Verdict<B, Body>>;
  readonly refusalIn: (verdict: Verdict<B, Body>) => Relayed<B, Body> | undefined;
  readonly discard: (refused: Relayed<B, Body>) => void;
  /** Returns the ms until the first of some backends recovers. */
  readonly recoveryMs: (names: readonly string[]) => number;
}

/**
 * Sends a request that a backend refused because it lacks an object to the others, one after another. If all refuse it
 * for that reason, the client gets the first refusal; if one that may have the object cannot be asked now, the client
 * gets that one's time of recovery.
 */
export async function tryElsewhere<B extends Backend, Body>(
  refused: Relayed<B, Body>,
  { names, sendTo, refusalIn, discard, recoveryMs }: OtherBackends<B, Body>,
): Promise<Verdict<B, Body>> {
  const tried = new Set(namesOf(refused.attempts, ({ kind }) => kind !== 'aborted'));
  const failed = namesOf(refused.attempts, isPassing);
  let verdict: Verdict<B, Body> = failed.length === 0 ? refused : failedBefore(refused, failed, recoveryMs);
  if (failed.length > 0) discard(refused);
  let { attempts } = refused;
  for (const name of names) {
    if (tried.has(name)) continue;
    const next = await sendTo(name);
    attempts = numbered([...attempts, ...next.attempts]);
    const refusal = refusalIn(next);
    if (refusal !== undefined) discard(refusal);
    if (refusal !== undefined || isElsewhere(next)) continue;
    const isOpen = next.kind === 'exhausted' && CAUSES_OF_LATER.has(next.cause);
    if (verdict.kind === 'relay') discard(verdict);
    verdict = isOpen && verdict.kind === 'exhausted' ? sooner(verdict, next) : next;
    if (!isOpen) break;
  }
  return { ...verdict, attempts };
}

/**
 * Sends a request that its owner cannot serve now to the other backends of the same resource, which have the same
 * objects: a resource may be configured several times, for its several deployments.
 */
export async function trySiblings<B extends Backend, Body>(
  verdict: Verdict<B, Body>,
  names: readonly string[],
  sendTo: (name: string) => Promise<Verdict<B, Body>>,
): Promise<Verdict<B, Body>> {
  let { attempts } = verdict;
  let last = verdict;
  for (const name of names) {
    if (last.kind !== 'exhausted' || !CAUSES_OF_LATER.has(last.cause)) break;
    const next = await sendTo(name);
    attempts = numbered([...attempts, ...next.attempts]);
    last = next.kind === 'exhausted' ? sooner(last, next) : next;
  }
  return { ...last, attempts };
}

/** Numbers the attempts of several failovers as one request's attempts. */
export function numbered<B extends Backend>(attempts: Verdict<B, unknown>['attempts']): typeof attempts {
  return attempts.map((attempt, index) => ({ ...attempt, number: index + 1 }));
}

/** Returns whether a backend may have the object, but could not serve the request at the time. */
function isPassing(outcome: AttemptRecord['outcome']): boolean {
  if (outcome.kind === 'unavailable') return outcome.cause !== 'deployment-missing';
  return outcome.kind === 'throttled' || outcome.kind === 'unreachable';
}

function failedBefore<B extends Backend>(
  { attempts }: Relayed<B, unknown>,
  names: readonly string[],
  recoveryMs: (names: readonly string[]) => number,
): Exhausted<B> {
  const throttled = namesOf(attempts, ({ kind }) => kind === 'throttled');
  const cause = throttled.length > 0 ? 'throttled' : 'unavailable';
  return {
    kind: 'exhausted',
    cause,
    recoveryMs: recoveryMs(throttled.length > 0 ? throttled : names),
    attempts,
  };
}

type Exhausted<B extends Backend> = Extract<Verdict<B, unknown>, { kind: 'exhausted' }>;

/** A backend with one of these may have the object, and can be asked later. */
const CAUSES_OF_LATER: ReadonlySet<Exhausted<Backend>['cause']> = new Set([
  'throttled',
  'unavailable',
  'retries-spent',
]);

/** The backend does not even have the deployment. */
function isElsewhere(verdict: Verdict<Backend, unknown>): boolean {
  return (
    verdict.kind === 'exhausted' && (verdict.cause === 'deployment-missing' || verdict.cause === 'not-found')
  );
}

/** A quota that recovers is more promising than a backend that is down. */
function sooner<B extends Backend>(one: Exhausted<B>, other: Exhausted<B>): Exhausted<B> {
  if (one.cause !== other.cause) return one.cause === 'throttled' ? one : other;
  return one.recoveryMs <= other.recoveryMs ? one : other;
}
