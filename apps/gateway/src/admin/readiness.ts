import type { DeploymentSnapshot } from '@spillway/core';
import { GatewayError } from '../errors.ts';

/** The question that a probe asks. */
export interface ReadinessQuestion {
  /** `process`: whether this process can take requests; `backends`: whether backends can serve them, too. */
  readonly scope: 'process' | 'backends';
  /** The deployment in question; undefined for any. */
  readonly deployment: string | undefined;
  /** The share of the quota that must be left. */
  readonly leastHeadroom: number;
}

const PARAMETERS = ['scope', 'deployment', 'headroom'];

/**
 * Reads the question from a probe's query: `deployment=name`, and `headroom=0.1` for a tenth of a quota, or
 * `scope=process`.
 *
 * @throws GatewayError `bad-request` that names what cannot be understood
 */
export function readQuestion(query: URLSearchParams): ReadinessQuestion {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    throw wrong(
      `There is no parameter "${unknown}", only ${PARAMETERS.slice(0, -1).join(', ')} and ${PARAMETERS.at(-1)}.`,
    );
  const scope = query.get('scope') ?? 'backends';
  if (scope !== 'process' && scope !== 'backends')
    throw wrong(`The parameter scope is "${scope}", but must be process or backends.`);
  if (scope === 'process' && query.size > 1)
    throw wrong('With scope=process no backend is checked, so no other parameter is allowed.');
  const headroom = query.get('headroom');
  const leastHeadroom = Number(headroom ?? 0);
  if (headroom === '' || !(leastHeadroom >= 0 && leastHeadroom <= 1))
    throw wrong(`The parameter headroom is "${headroom}", but must be a share from 0 to 1, such as 0.1.`);
  return { scope, deployment: query.get('deployment') ?? undefined, leastHeadroom };
}

/** Returns why no request can be served at present, or undefined if some can. Unknown quota counts as unspent. */
export function whyNotReady(
  snapshots: readonly DeploymentSnapshot[],
  { leastHeadroom }: ReadinessQuestion,
): string | undefined {
  const serving = snapshots.filter(
    // A probing backend is recovering, and does serve.
    ({ availability }) => availability === 'available' || availability === 'probing',
  );
  if (serving.length === 0) return 'no backend is available';
  // The last remaining backend is never taken out for failures, but that does not make it serve.
  if (serving.every(({ isFailing }) => isFailing)) return 'every backend fails';
  const hasEnough = serving.some(({ headroom = 1 }) => headroom >= leastHeadroom);
  return hasEnough ? undefined : `no backend has ${leastHeadroom} of its quota left`;
}

function wrong(message: string): GatewayError {
  return new GatewayError('bad-request', message);
}
