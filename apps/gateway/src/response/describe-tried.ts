import {
  type AttemptRecord,
  type Backend,
  type DeploymentSnapshot,
  type ExhaustedCause,
  isInCooldown,
} from '@spillway/core';

/** The state of a backend that was not tried. */
export type Bystander = Pick<DeploymentSnapshot, 'backend' | 'availability' | 'isBusy'>;

interface Untried {
  readonly backend: Backend;
  readonly why: string;
}

const IN_COOLDOWN = 'in a cooldown, not tried';
const DRAINING = 'taken out by an operator, not tried';
const BUSY = 'at its limit of requests under way, not tried';
const FULL = 'no quota left, not tried';

/** Returns why each backend that could have served was not tried. */
export function untriedOf(
  bystanders: readonly Bystander[],
  attempts: readonly AttemptRecord[],
  { cause, owner }: { readonly cause: ExhaustedCause; readonly owner?: string | undefined },
): Untried[] {
  return bystanders
    .filter(({ backend }) => owner === undefined || backend.name === owner)
    .filter(({ backend }) => !attempts.some((attempt) => attempt.backend.name === backend.name))
    .map((bystander) => ({ backend: bystander.backend, why: whyNotTried(bystander, cause) }));
}

function whyNotTried(bystander: Bystander, cause: ExhaustedCause): string {
  const { availability, isBusy } = bystander;
  if (isInCooldown(bystander)) return IN_COOLDOWN;
  if (availability === 'draining') return DRAINING;
  if (isBusy) return BUSY;
  return availability === 'full' || cause === 'throttled' ? FULL : 'not tried';
}

/** Describes what the backends lack: quota, or permission to take another request. */
export function lackOf(attempts: readonly AttemptRecord[], others: readonly Untried[]) {
  const areBusy = others.some(({ why }) => why === BUSY);
  const isQuota =
    !areBusy ||
    attempts.some(({ outcome }) => outcome.kind === 'throttled') ||
    others.some(({ why }) => why !== BUSY && why !== DRAINING);
  if (!areBusy) return { ofAll: 'No backend has quota left', ofOne: 'The backend has no quota left' };
  return {
    ofAll: isQuota
      ? 'Every backend is out of quota, or at its limit of requests under way'
      : 'Every backend is at its limit of requests under way',
    ofOne: 'The backend is at its limit of requests under way',
  };
}

/** "Priority group 1: throttled, unavailable; group 2: not tried." */
export function describeGroups(
  attempts: readonly AttemptRecord[],
  backends: readonly Backend[],
  others: readonly Untried[],
): string {
  const priorities = [...new Set(backends.map(({ priority }) => priority))].sort((a, b) => a - b);
  const groups = priorities.map((priority) => {
    const isOfGroup = ({ backend }: { readonly backend: Backend }) => backend.priority === priority;
    return `group ${priority}: ${describe(attempts.filter(isOfGroup), others.filter(isOfGroup))}`;
  });
  return `Priority ${groups.join('; ')}.`;
}

/** "Only backend "eu" can serve it: throttled." */
export function describeOwner(
  owner: string,
  attempts: readonly AttemptRecord[],
  others: readonly Untried[],
): string {
  return `Only backend "${owner}" can serve it: ${describe(attempts, others)}.`;
}

function describe(attempts: readonly AttemptRecord[], others: readonly Untried[]): string {
  const tried = attempts.map(({ outcome }) => outcome.kind).join(', ');
  const untried = [...new Set(others.map(({ why }) => why))].join(' or ');
  if (tried === '') return untried || IN_COOLDOWN;
  return untried === '' ? tried : `${tried}, others ${untried}`;
}
