import { type Backend, findDeployment, type Verdict } from '@spillway/core';
import type { Config } from '../config/schema.ts';
import { namesDeployment } from '../route/operations.ts';

/** A deployment that may serve instead of another. */
export interface Fallback {
  readonly whenSpent: string | undefined;
  readonly whenTooLong: string | undefined;
}

/** Returns the deployment that may serve a client instead of the requested one; undefined if none may. */
export type FallbackOf = (
  route: FallingRoute,
  client?: { readonly deployments: ReadonlySet<string> | undefined },
) => Fallback | undefined;

interface FallingRoute {
  readonly deployment: string;
  readonly operation: string;
}

/** Vectors of different models are not comparable, and nobody would notice. */
const NEVER = /embeddings$/;

/** Creates the function that finds the fallbacks of a configuration. */
export function createFallbackOf({ fallbacks }: Pick<Config, 'fallbacks'>): FallbackOf | undefined {
  if (fallbacks === undefined) return undefined;
  const byDeployment = new Map(
    fallbacks.map(({ deployment, whenSpent, whenTooLong }) => [deployment, { whenSpent, whenTooLong }]),
  );
  return ({ deployment, operation }, client) => {
    if (!namesDeployment(operation) || NEVER.test(operation)) return undefined;
    const found = findDeployment(byDeployment, deployment);
    const allowed = client?.deployments;
    if (found === undefined || allowed === undefined) return found;
    const ifAllowed = (name = '') => (allowed.has(name) ? name : undefined);
    return { whenSpent: ifAllowed(found.whenSpent), whenTooLong: ifAllowed(found.whenTooLong) };
  };
}

const TOO_LONG = /\bcontext_length_exceeded\b/;

/** Returns the deployment that is to serve after a verdict on another; undefined if none is. */
export function fallbackAfter(
  verdict: Verdict<Backend, unknown>,
  { whenSpent, whenTooLong }: Fallback,
): string | undefined {
  if (verdict.kind === 'exhausted') return verdict.cause === 'throttled' ? whenSpent : undefined;
  return isTooLong(verdict) ? whenTooLong : undefined;
}

/** Returns whether a backend has refused a prompt as too long for its model. */
function isTooLong(verdict: Verdict<Backend, unknown>): boolean {
  if (verdict.kind !== 'relay') return false;
  const { bodyText, opening } = verdict.answer;
  return TOO_LONG.test(bodyText ?? (opening?.kind === 'event' ? opening.event.data : ''));
}
