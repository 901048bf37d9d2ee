import {
  type Backend,
  type BackendReport,
  deploymentKey,
  type DeploymentSnapshot,
  hasTags,
  isInCooldown,
} from '@spillway/core';
import { z } from 'zod';
import type { Runtime } from '../proxy/runtime.ts';
import type { ChangeLog } from '../telemetry/live/change-log.ts';
import { AdminError } from './admin-error.ts';
import { clientTagsOf } from './client-tags.ts';
import { shorten } from './shorten.ts';
import { stateWord } from './snapshot.ts';

export type ActionName = 'drain' | 'undrain' | 'clear-cooldown';

/** The result of an action. */
export const actionAnswer = z.strictObject({
  backend: z.string(),
  deployment: z.string().optional().describe('Left out if it was the backend as a whole.'),
  state: stateWord.describe('Its state now.'),
  effect: z.string().describe('The effect on requests, in a sentence or two.'),
});

/** The backend, or the one deployment of it, that an action applies to. */
interface Subject {
  readonly backend: string;
  /** The deployment's name at the backend. */
  readonly deployment?: string | undefined;
}

type Pools = Pick<Runtime, 'pool' | 'room' | 'nowMs' | 'clients'>;

/**
 * Performs an operator's action, and describes its effect.
 *
 * @param changes where the change of state is recorded
 * @throws AdminError 404 that lists the names, if there is no such backend or deployment
 */
export function act(
  action: ActionName,
  asked: Subject,
  pools: Pools,
  changes: ChangeLog,
): z.output<typeof actionAnswer> {
  const { pool, room, nowMs } = pools;
  const { state: before, subject } = find(asked, pools);
  const { backend, deployment } = subject;
  if (action === 'drain') pool.drains.drain(backend, deployment);
  else if (action === 'undrain') pool.drains.undrain(backend, deployment);
  else pool.clearCooldowns({ name: backend }, deployment, nowMs());
  room?.lookAgain();
  const { state: after } = find(subject, pools);
  changes.noteAction({ backend, deployment }, before, after, nowMs());
  return {
    backend,
    deployment,
    state: after.availability,
    effect: describeEffect(action, subject, { before, after }, pools),
  };
}

function describeEffect(
  action: ActionName,
  { backend, deployment }: Subject,
  { before, after }: { readonly before: DeploymentSnapshot; readonly after: DeploymentSnapshot },
  pools: Pools,
): string {
  const name = deployment === undefined ? `"${backend}"` : `"${deployment}" at "${backend}"`;
  // Other backends may have another name for it.
  const requested =
    [...(before.backend.deployments ?? [])].find(
      ([, named]) => deployment !== undefined && deploymentKey(named) === deploymentKey(deployment),
    )?.[0] ?? deployment;
  switch (action) {
    case 'drain':
      return `${name} gets no new requests; requests under way go on, and stored objects and pinned requests still go to their backend. ${describeRest(before.backend, requested, pools)}`;
    case 'undrain':
      if (before.availability !== 'draining') return `${name} was not drained.`;
      return isDrained(backend, deployment, pools)
        ? `"${backend}" is still drained as a whole.`
        : `${name} gets requests again${isInCooldown(after) ? ', once its cooldown is over' : ''}.`;
    case 'clear-cooldown':
      if (before.availability === 'draining') return `${name} is no longer in a cooldown, but still drained.`;
      if (!isInCooldown(before)) return `${name} was not in a cooldown.`;
      return isInCooldown(after)
        ? `"${backend}" is still in a cooldown as a whole.`
        : `The next request to ${name} is the probe.`;
  }
}

function isDrained(backend: string, deployment: string | undefined, { pool: { drains } }: Pools): boolean {
  return deployment === undefined ? drains.hasBackend(backend) : drains.has(backend, deployment);
}

/** Describes which backends are left to serve, and whom none of them serves. */
function describeRest(
  drained: Backend,
  deployment: string | undefined,
  { pool, nowMs, clients }: Pools,
): string {
  const left = pool
    .snapshots(deployment, nowMs())
    .filter(({ availability }) => availability !== 'draining')
    .map(({ backend }) => backend);
  if (left.length === 0) return 'No backend is left: new requests get a 503.';
  const names = left.map(({ name }) => name).join(', ');
  const without = clientTagsOf(clients.byName.values()).filter(
    (wanted) => hasTags(drained, wanted) && !left.some((backend) => hasTags(backend, wanted)),
  );
  return [
    left.length === 1 ? `One backend is left: ${names}.` : `${left.length} backends are left: ${names}.`,
    ...without.map(
      (wanted) => `None of them serves clients that are limited to ${wanted.join(' and ')}: these get a 503.`,
    ),
  ].join(' ');
}

/** Returns a subject's state, and its name as known here: Azure ignores the letter case of deployments' names. */
function find(
  { backend, deployment }: Subject,
  { pool, nowMs }: Pools,
): { readonly state: DeploymentSnapshot; readonly subject: Subject } {
  const reports = pool.report(nowMs());
  const report = reports.find(({ asWhole }) => asWhole.backend.name === backend);
  if (report === undefined)
    throw unknown(
      'backend',
      backend,
      reports.map(({ asWhole }) => asWhole.backend.name),
    );
  if (deployment === undefined) return { state: report.asWhole, subject: { backend } };
  const names = deploymentNamesOf(report);
  const name = findName(names, deployment);
  if (name === undefined) throw unknown(`deployment at "${backend}"`, deployment, names);
  const found = report.deployments.find((known) => deploymentKey(known.deployment) === deploymentKey(name));
  return { state: found?.state ?? report.asWhole, subject: { backend, deployment: name } };
}

/** Returns a name by any spelling of it, or as the live page shows it: long ones are cut off there. */
function findName(names: readonly string[], asked: string): string | undefined {
  const name = names.find((known) => deploymentKey(known) === deploymentKey(asked));
  if (name !== undefined) return name;
  const [shortened, ...others] = names.filter((known) => shorten(known) === asked);
  return others.length === 0 ? shortened : undefined;
}

/** The deployments that a backend is known to have, and those that its configuration names. */
function deploymentNamesOf({ asWhole: { backend }, deployments }: BackendReport): string[] {
  const configured = [...(backend.deployments?.values() ?? []), ...(backend.quotas?.keys() ?? [])];
  if (backend.deployment !== undefined) configured.push(backend.deployment);
  return [...new Set([...deployments.map(({ deployment }) => deployment), ...configured])].filter(Boolean);
}

function unknown(what: string, name: string, names: readonly string[]): AdminError {
  const shown = name.slice(0, 100);
  const known =
    names.length === 0
      ? 'none is known yet'
      : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
  return new AdminError(404, `There is no ${what} called "${shown}"; ${known}.`);
}
